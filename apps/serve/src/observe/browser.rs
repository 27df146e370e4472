//! Browser and version in a few words, from a `User-Agent`.
//!
//! It is for people who look for a pattern. It must never be used to treat one browser otherwise than another.

/// Marks in the order in which they are looked for: most browsers name several.
const MARKS: [(&str, &str); 12] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("curl/", "curl"),
    ("node/", "node"),
];

/// What stands for the rest.
const OTHER: &str = "other";

/// A version has no more digits than this.
const DIGITS_MAX: usize = 4;

/// `Chrome 141`, `Firefox 140`, `Safari 18`, or `other`.
pub(crate) fn browser(user_agent: &str) -> String {
    for (mark, name) in MARKS {
        if let Some(version) = version(user_agent, mark) {
            return format!("{name} {version}");
        }
    }
    match version(user_agent, "Version/") {
        Some(version) if user_agent.contains("Safari/") => format!("Safari {version}"),
        _ => OTHER.to_owned(),
    }
}

fn version<'a>(user_agent: &'a str, mark: &str) -> Option<&'a str> {
    let (_, behind) = user_agent.split_once(mark)?;
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    (1..=DIGITS_MAX)
        .contains(&digits)
        .then(|| &behind[..digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_their_most_particular_mark() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        for (user_agent, expected) in [
            (chrome, "Chrome 141"),
            (&format!("{chrome} Edg/141.0.1"), "Edge 141"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox 140",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari 18",
            ),
            ("curl/8.5.0", "curl 8"),
            ("", "other"),
            ("Chrome/", "other"),
            ("Chrome/99999999999", "other"),
            ("Version/18 \u{fc}", "other"),
        ] {
            assert_eq!(browser(user_agent), expected, "{user_agent}");
        }
    }
}
