//! Which of the values given are secret.

use towpath_diagnosis::observation::Header;

/// Values that a fact must not repeat wherever they turn up: those of cookies and of secret headers.
pub(super) fn of(headers: &[Header]) -> Vec<String> {
    let mut secrets = Vec::new();
    for header in headers {
        match header.name.to_ascii_lowercase().as_str() {
            "cookie" => secrets.extend(
                header
                    .value
                    .split(';')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(_, value)| value.trim().to_owned()),
            ),
            "authorization" | "proxy-authorization" => {
                secrets.push(match header.value.split_once(' ') {
                    Some((_, value)) => value.to_owned(),
                    None => header.value.clone(),
                });
            }
            name if SECRET_WORDS.iter().any(|word| name.contains(word)) => {
                secrets.push(header.value.clone());
            }
            _ => {}
        }
    }
    secrets
}

/// A header with one of these in its name is taken to hold a secret.
const SECRET_WORDS: [&str; 5] = ["token", "secret", "key", "auth", "session"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_cookies_and_of_telling_names_are_secret() {
        let headers: Vec<Header> = [
            ("Cookie", "a=one; b=two"),
            ("Authorization", "Basic abc"),
            ("X-Api-Key", "key"),
            ("X-Team", "blue"),
        ]
        .map(|(name, value)| Header {
            name: name.to_owned(),
            value: value.to_owned(),
        })
        .into();
        assert_eq!(of(&headers), ["one", "two", "abc", "key"]);
    }
}
