//! Tags of a line (`IRCv3` message tags): reading their escapes, and writing them. It must never let a tag's value end the tags.

/// Most tags of one line that are kept.
const TAGS_MAX: usize = 64;

/// Reads `key=value;key` as it stands between `@` and the blank. Keys that are given twice have their last value.
pub(crate) fn parse(text: &str) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for tag in text.split(';').filter(|tag| !tag.is_empty()) {
        let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
        let value = unescape(value);
        if let Some((_, known)) = tags.iter_mut().find(|(known, _)| known == key) {
            *known = value;
        } else if tags.len() < TAGS_MAX {
            tags.push((key.to_owned(), value));
        }
    }
    tags
}

/// A value as it may stand in a line.
pub(crate) fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            ';' => out.push_str("\\:"),
            ' ' => out.push_str("\\s"),
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            // A NUL has no escape; a line must not hold one.
            '\0' => {}
            c => out.push(c),
        }
    }
    out
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(':') => out.push(';'),
            Some('s') => out.push(' '),
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_are_read_as_the_specification_shows_them() {
        let read = parse("aaa=bbb;ccc;example.com/ddd=e\\:e\\s\\b\\;+x=1;aaa=2");
        let pairs: Vec<_> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("aaa", "2"),
                ("ccc", ""),
                ("example.com/ddd", "e;e b"),
                ("+x", "1")
            ]
        );
    }

    proptest! {
        #[test]
        fn a_value_comes_back(value in "[^\0]{0,40}") {
            let escaped = escape(&value);
            prop_assert!(!escaped.contains([' ', ';', '\r', '\n']));
            let tags = parse(&format!("k={escaped}"));
            prop_assert_eq!(&tags[0].1, &value);
        }

        #[test]
        fn any_text_is_read(text in ".{0,300}") {
            parse(&text);
        }
    }
}
