//! The dates of a JSON Web Token (RFC 7519), read without its key.
//!
//! Only the server can verify a token, so nothing here says that one is good. A token that is none of these is no
//! error: it is just one whose dates cannot be read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::limits::NAME_BYTES_MAX;

/// What a token says of its own life, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claims {
    /// `iat`: when it was issued.
    pub issued_unix_s: Option<i64>,
    /// `nbf`: before this the server refuses it.
    pub not_before_unix_s: Option<i64>,
    /// `exp`: from this on the server refuses it.
    pub expires_unix_s: Option<i64>,
    /// Whether it names an algorithm other than `none`. Dates that anybody can write prove nothing.
    pub signed: bool,
}

/// Reads the claims; `None` where the text is not a JSON Web Token in the compact form (RFC 7515 section 7.1).
pub fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let header = object(header)?;
    let payload = object(payload)?;
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or("none");
    let date = |name: &str| payload.get(name).and_then(seconds);
    Some(Claims {
        issued_unix_s: date("iat"),
        not_before_unix_s: date("nbf"),
        expires_unix_s: date("exp"),
        signed: !algorithm.eq_ignore_ascii_case("none") && !signature.is_empty(),
    })
}

/// Whom the token is about (`sub`), as far as it tells. Nothing proves it but the server's taking the token.
pub fn subject(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = object(payload)?;
    let subject = payload.get("sub").and_then(Value::as_str)?;
    let fits = (1..=NAME_BYTES_MAX).contains(&subject.len()) && !subject.contains(char::is_control);
    (fits && parts.next().is_none()).then(|| subject.to_owned())
}

fn object(part: &str) -> Option<Map<String, Value>> {
    // Some issuers pad, against RFC 7515 section 2.
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A `NumericDate` as a whole number. Whatever no calendar shows, milliseconds for example, is no date.
fn seconds(value: &Value) -> Option<i64> {
    let seconds = value.as_f64()?;
    if !(0.0..DATE_END).contains(&seconds) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above; the fraction is not wanted"
    )]
    Some(seconds as i64)
}

/// The end of the year 9999.
const DATE_END: f64 = 253_402_300_800.0;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A token with this header and payload.
    pub(crate) fn jwt(header: &str, payload: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", encode(header), encode(payload))
    }

    pub(crate) const SIGNED: &str = r#"{"alg":"HS512","typ":"JWT"}"#;

    #[test]
    fn the_subject_is_read_where_it_is_a_word() {
        let of = |payload: &str| subject(&jwt(SIGNED, payload));
        assert_eq!(of(r#"{"sub":"u-1"}"#).as_deref(), Some("u-1"));
        for none in [r"{}", r#"{"sub":7}"#, r#"{"sub":""}"#, r#"{"sub":"a\nb"}"#] {
            assert_eq!(of(none), None, "{none}");
        }
        assert_eq!(subject("opaque"), None);
        assert_eq!(subject("a.b.c.d"), None);
    }

    #[test]
    fn dates_are_read_without_the_key() {
        let token = jwt(
            SIGNED,
            r#"{"iat":1600000000,"nbf":1599999999.5,"exp":1700000000}"#,
        );
        let expected = Claims {
            issued_unix_s: Some(1_600_000_000),
            not_before_unix_s: Some(1_599_999_999),
            expires_unix_s: Some(1_700_000_000),
            signed: true,
        };
        assert_eq!(claims(&token), Some(expected));
    }

    #[test]
    fn padding_is_forgiven() {
        let token = jwt(SIGNED, r#"{"exp":17}"#).replacen('.', "==.", 1);
        assert_eq!(claims(&token).unwrap().expires_unix_s, Some(17));
    }

    #[test]
    fn a_token_without_signature_is_told_apart() {
        let payload = r#"{"exp":1700000000}"#;
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"None"}"#, "{}"] {
            assert!(!claims(&jwt(header, payload)).unwrap().signed, "{header}");
        }
        let cut = jwt(SIGNED, payload).replace("c2ln", "");
        assert!(!claims(&cut).unwrap().signed);
    }

    #[test]
    fn odd_dates_are_no_dates() {
        for exp in [
            "\"1700000000\"",
            "1700000000000",
            "-1",
            "1e300",
            "null",
            "[1]",
        ] {
            let token = jwt(SIGNED, &format!(r#"{{"exp":{exp}}}"#));
            assert_eq!(claims(&token).unwrap().expires_unix_s, None, "{exp}");
        }
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let encrypted = format!("{}.a.b", jwt(SIGNED, "{}"));
        for text in ["", "abc", "a.b.c", "..", "eyJ.eyJ.x", &encrypted] {
            assert_eq!(claims(text), None, "{text}");
        }
        assert_eq!(claims(&jwt(SIGNED, "[1]")), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(text in "\\PC{0,200}") {
            claims(&text);
        }

        #[test]
        fn any_payload_is_read_or_left(header in any::<Vec<u8>>(), payload in any::<Vec<u8>>()) {
            let token = format!("{}.{}.x", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
            claims(&token);
        }

        #[test]
        fn dates_survive(iat in 0_i64..200_000_000_000, exp in 0_i64..200_000_000_000) {
            let read = claims(&jwt(SIGNED, &format!(r#"{{"iat":{iat},"exp":{exp}}}"#))).unwrap();
            prop_assert_eq!((read.issued_unix_s, read.expires_unix_s), (Some(iat), Some(exp)));
        }
    }
}
