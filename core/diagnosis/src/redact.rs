//! Removes secrets from facts before they are written down.
//!
//! Everything that enters an observation passes through here. It must never be asked to restore
//! anything: what is removed is gone, and only its length stays.

/// What replaces a secret.
fn mark(secret: &str) -> String {
    format!("{MARK_START} {} characters]", secret.chars().count())
}

const MARK_START: &str = "[removed,";

/// A secret as it is, and as it stands in URLs (RFC 3986 section 2.1, in both cases of hexadecimal digits).
fn spellings(secret: String) -> Vec<String> {
    let encode = |digits: fn(u8) -> String| -> String {
        secret
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                _ => digits(byte),
            })
            .collect()
    };
    let mut all = vec![
        encode(|byte| format!("%{byte:02X}")),
        encode(|byte| format!("%{byte:02x}")),
    ];
    all.push(secret);
    all.sort_unstable();
    all.dedup();
    all
}

/// Headers whose values are secret whatever they hold.
const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-amz-security-token",
];

/// Query parameters whose values are secret whatever they hold.
const SECRET_PARAMETERS: [&str; 14] = [
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "authorization",
    "jwt",
    "key",
    "password",
    "secret",
    "session",
    "sid",
    "sig",
    "ticket",
    "token",
];

/// The shortest given secret that is looked for inside other text, in bytes.
///
/// A shorter one would turn ordinary words into marks.
const SECRET_BYTES_MIN: usize = 6;

/// Knows the run's secrets and removes them.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// A redactor for the secrets of one run: tokens, cookie values, credentials.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SECRET_BYTES_MIN)
            .flat_map(spellings)
            .collect();
        // The longest first, so that a secret inside another does not leave the rest standing.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// Text without the run's secrets and without anything shaped like a JSON Web Token.
    pub fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for secret in &self.secrets {
            if out.contains(secret.as_str()) {
                out = out.replace(secret.as_str(), &mark(secret));
            }
        }
        without_jwts(&out)
    }

    /// A header's value: whole where the name says it is secret, else as [`Self::text`].
    ///
    /// Authentication schemes and cookie names stay, since they are facts and not secrets.
    pub fn header(&self, name: &str, value: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let shown = match lower.as_str() {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, secret)) => format!("{scheme} {}", mark(secret)),
                None => mark(value),
            },
            "cookie" => value
                .split(';')
                .map(|pair| redact_pair(pair.trim()))
                .collect::<Vec<_>>()
                .join("; "),
            "set-cookie" => match value.split_once(';') {
                Some((pair, attributes)) => format!("{};{attributes}", redact_pair(pair)),
                None => redact_pair(value),
            },
            "location" => self.url(value),
            other if SECRET_HEADERS.contains(&other) => mark(value),
            _ => value.to_owned(),
        };
        // What stays of a malformed value can be the secret itself: a bare token that ends in `=` looks like a cookie's name.
        self.text(&shown)
    }

    /// A URL or a path with query: credentials and secret parameters removed.
    pub fn url(&self, url: &str) -> String {
        // First as a whole: a secret may hold the characters at which a URL is parted.
        let without_credentials = remove_credentials(&self.text(url));
        let (base, query) = match without_credentials.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (without_credentials.as_str(), None),
        };
        let Some(query) = query else {
            return self.text(base);
        };
        let parameters: Vec<String> = query
            .split('&')
            .map(|parameter| match parameter.split_once('=') {
                Some((name, value))
                    if is_secret_parameter(name)
                        && !value.is_empty()
                        && !value.starts_with(MARK_START) =>
                {
                    format!("{name}={}", mark(value))
                }
                _ => self.text(parameter),
            })
            .collect();
        format!("{}?{}", self.text(base), parameters.join("&"))
    }
}

fn is_secret_parameter(name: &str) -> bool {
    SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
}

fn redact_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", mark(value)),
        None => mark(pair),
    }
}

fn remove_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{tail}"),
        None => url.to_owned(),
    }
}

/// Replaces every `eyJ….….…` by a mark, whether or not it was known to be a secret.
fn without_jwts(text: &str) -> String {
    if !text.contains("eyJ") {
        return text.to_owned();
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (candidate, after) = from.split_at(end);
        if candidate.len() >= 24 && candidate.matches('.').count() >= 2 {
            out.push_str(&mark(candidate));
        } else {
            out.push_str(candidate);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlLWJ5dGVz";

    #[test]
    fn a_known_secret_goes_wherever_it_stands() {
        let redactor = Redactor::new(["correct horse".to_owned()]);
        assert_eq!(
            redactor.text("<correct horse>"),
            "<[removed, 13 characters]>"
        );
    }

    #[test]
    fn a_token_nobody_named_goes_too() {
        let redactor = Redactor::default();
        let shown = redactor.text(&format!("bad token {JWT}!"));
        assert!(!shown.contains("eyJ"), "{shown}");
        assert!(shown.ends_with('!'), "{shown}");
    }

    #[test]
    fn headers_keep_their_scheme_and_cookie_names() {
        let redactor = Redactor::default();
        assert_eq!(
            redactor.header("Authorization", "Bearer abc"),
            "Bearer [removed, 3 characters]"
        );
        assert_eq!(
            redactor.header("cookie", "a=1; session=22"),
            "a=[removed, 1 characters]; session=[removed, 2 characters]"
        );
        assert_eq!(
            redactor.header("Set-Cookie", "a=123; Path=/; HttpOnly"),
            "a=[removed, 3 characters]; Path=/; HttpOnly"
        );
    }

    #[test]
    fn a_secret_in_the_place_of_a_name_goes_too() {
        let redactor = Redactor::new(["dG9rZW4tb2YtYS11c2Vy".to_owned()]);
        for (name, value) in [
            ("Cookie", "dG9rZW4tb2YtYS11c2Vy=="),
            (
                "Set-Cookie",
                "dG9rZW4tb2YtYS11c2Vy==; Path=/dG9rZW4tb2YtYS11c2Vy",
            ),
            ("Authorization", "dG9rZW4tb2YtYS11c2Vy x"),
        ] {
            let shown = redactor.header(name, value);
            assert!(!shown.contains("dG9rZW4"), "{name}: {shown}");
        }
    }

    #[test]
    fn urls_lose_credentials_and_secret_parameters() {
        let redactor = Redactor::default();
        assert_eq!(
            redactor.url("wss://me:pw@h.example/p?room=1&token=abcd"),
            "wss://h.example/p?room=1&token=[removed, 4 characters]"
        );
    }

    #[test]
    fn a_secret_goes_in_every_spelling_and_across_the_parts_of_a_url() {
        let redactor = Redactor::new(["a+b/c?d&e=".to_owned()]);
        for url in [
            "/p?q=a+b/c?d&e=",
            "/p?q=a%2Bb%2Fc%3Fd%26e%3D",
            "/p?q=a%2bb%2fc%3fd%26e%3d",
        ] {
            let shown = redactor.url(url);
            assert!(shown.starts_with("/p?q=[removed,"), "{shown}");
            assert!(!shown.contains('+') && !shown.contains('%'), "{shown}");
        }
        assert_eq!(
            Redactor::new(["secret99".to_owned()]).url("/p?token=secret99"),
            "/p?token=[removed, 8 characters]"
        );
    }

    #[test]
    fn short_secrets_do_not_blank_ordinary_words() {
        let redactor = Redactor::new(["a".to_owned()]);
        assert_eq!(redactor.text("a cat"), "a cat");
    }
}
