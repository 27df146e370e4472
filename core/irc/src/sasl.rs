//! SASL over `AUTHENTICATE` (`IRCv3` sasl 3.1 and 3.2). It must never send a password before the server asked for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::settings::Sasl;

/// Bytes of base64 in one `AUTHENTICATE`.
const CHUNK: usize = 400;

/// The mechanism's name.
pub(crate) fn mechanism(sasl: &Sasl) -> &'static str {
    match sasl {
        Sasl::Plain { .. } => "PLAIN",
        Sasl::External => "EXTERNAL",
    }
}

/// Whether a server that lists these mechanisms (`sasl=PLAIN,EXTERNAL`; empty where it lists none) may know ours.
pub(crate) fn is_offered(sasl: &Sasl, listed: &str) -> bool {
    listed.is_empty()
        || listed
            .split(',')
            .any(|name| name.eq_ignore_ascii_case(mechanism(sasl)))
}

/// The parameters of the `AUTHENTICATE` lines that answer the server's `+`.
pub(crate) fn answer(sasl: &Sasl) -> Vec<String> {
    let plain = match sasl {
        Sasl::Plain { account, password } => {
            // The first field, whom to act as, is left empty: it follows from the account.
            format!("\0{account}\0{}", password.expose())
        }
        Sasl::External => String::new(),
    };
    let encoded = STANDARD.encode(plain);
    let mut lines: Vec<String> = encoded
        .as_bytes()
        .chunks(CHUNK)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect();
    // A full last chunk looks like one with more behind it; so does no chunk at all.
    if encoded.len() % CHUNK == 0 {
        lines.push("+".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(password: &str) -> Sasl {
        Sasl::Plain {
            account: "jilles".to_owned(),
            password: password.into(),
        }
    }

    #[test]
    fn a_login_is_one_chunk_or_more() {
        assert_eq!(answer(&plain("sesame")), ["AGppbGxlcwBzZXNhbWU="]);
        assert_eq!(answer(&Sasl::External), ["+"]);
        // 8 bytes of names and marks and 292 of password are exactly 400 of base64.
        let full = answer(&plain(&"p".repeat(292)));
        assert_eq!(full.iter().map(String::len).collect::<Vec<_>>(), [400, 1]);
        let long = answer(&plain(&"p".repeat(400)));
        assert_eq!(long.iter().map(String::len).collect::<Vec<_>>(), [400, 144]);
    }

    #[test]
    fn a_mechanism_is_offered_where_it_is_listed_or_none_is() {
        assert!(is_offered(&plain("x"), "EXTERNAL,PLAIN"));
        assert!(is_offered(&plain("x"), ""));
        assert!(!is_offered(&plain("x"), "EXTERNAL,SCRAM-SHA-256"));
    }
}
