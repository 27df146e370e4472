//! The token: where it comes from, where it goes, and what may be said of it.
//!
//! Claims are read without checking the signature, because only the server has the key. The token
//! itself must never get into a fact.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use towpath_diagnosis::ladder::GRAPHQL_SUBPROTOCOLS;
use towpath_diagnosis::observation::{TokenFacts, TokenPlacement};

use super::file;
use crate::usage::UsageError;

/// Reads `--token`: a value, `@file` or `env:NAME`.
pub(crate) fn read(
    option: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, UsageError> {
    let wrong = |problem: &str| UsageError::Token {
        problem: problem.to_owned(),
    };
    let value = if let Some(path) = option.strip_prefix('@') {
        file::text("--token", path, file::SMALL_BYTES_MAX)?
    } else if let Some(name) = option.strip_prefix("env:") {
        variable(name)
            .ok_or_else(|| wrong(&format!("names the variable {name}, which is not set")))?
    } else {
        option.to_owned()
    };
    let value = value.trim();
    let value = value.strip_prefix("Bearer ").unwrap_or(value).trim();
    if value.is_empty() {
        return Err(wrong("is empty"));
    }
    if value.len() > TOKEN_BYTES_MAX {
        return Err(wrong(&format!("is longer than {TOKEN_BYTES_MAX} bytes")));
    }
    if value.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(wrong("holds a blank, a line break or a control character"));
    }
    Ok(value.to_owned())
}

/// Reads `--token-in`, or picks the usual place.
pub(crate) fn placement(
    option: Option<&str>,
    subprotocols: &[String],
) -> Result<TokenPlacement, UsageError> {
    let query = |name: &str| TokenPlacement::Query {
        name: name.to_owned(),
    };
    match option {
        Some("header") => Ok(TokenPlacement::Header),
        Some("init") => Ok(TokenPlacement::Init),
        Some("query") => Ok(query("token")),
        Some(other) => match other.strip_prefix("query:").filter(|name| !name.is_empty()) {
            Some(name) => Ok(query(name)),
            None => Err(UsageError::Value {
                option: "--token-in",
                problem: format!("`{other}` is none of header, query, query:NAME, init"),
            }),
        },
        None if subprotocols
            .iter()
            .any(|name| GRAPHQL_SUBPROTOCOLS.contains(&name.as_str())) =>
        {
            Ok(TokenPlacement::Init)
        }
        None => Ok(TokenPlacement::Header),
    }
}

/// What may be said of a token.
pub(crate) fn facts(token: &str, placement: TokenPlacement) -> TokenFacts {
    let claims = claims(token);
    TokenFacts {
        placement,
        characters: token.chars().count(),
        jwt: claims.is_some(),
        expires_unix_s: claims.as_ref().and_then(|claims| whole(claims.exp)),
        not_before_unix_s: claims.as_ref().and_then(|claims| whole(claims.nbf)),
    }
}

/// What may be said of a JSON Web Token that stands in the query already.
pub(crate) fn in_query(path: &str) -> Option<TokenFacts> {
    let (_, query) = path.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (name, value) = pairs.find(|(_, value)| claims(value).is_some())?;
    let name = name.to_owned();
    Some(facts(value, TokenPlacement::Query { name }))
}

/// The claims of RFC 7519 section 4.1 that a clock decides. `NumericDate` may have a fraction.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    exp: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
    // A struct would also be read from an array.
    let object = |part: &str| -> Option<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_slice(&decode(part)?).ok()
    };
    object(header)?;
    serde_json::from_value(object(payload)?.into()).ok()
}

/// Seconds as a whole number, where they are one that a clock can show.
fn whole(seconds: Option<f64>) -> Option<i64> {
    let seconds = seconds.filter(|seconds| seconds.abs() < 1e15)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above; the fraction is not wanted"
    )]
    Some(seconds as i64)
}

/// Longest token that is sent. Servers seldom take header lines beyond it.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            encode(r#"{"alg":"none"}"#),
            encode(payload),
            encode("sig")
        )
    }

    fn nothing(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn claims_are_read_without_the_key() {
        let token = jwt(r#"{"exp":1700000000,"nbf":1600000000.5}"#);
        let facts = facts(&token, TokenPlacement::Header);
        assert!(facts.jwt);
        assert_eq!(facts.expires_unix_s, Some(1_700_000_000));
        assert_eq!(facts.not_before_unix_s, Some(1_600_000_000));
    }

    #[test]
    fn a_token_in_the_query_is_noticed() {
        let path = format!("/socket?room=1&auth={}", jwt(r#"{"exp":5}"#));
        let facts = in_query(&path).unwrap();
        assert_eq!(facts.expires_unix_s, Some(5));
        assert_eq!(
            facts.placement,
            TokenPlacement::Query {
                name: "auth".to_owned()
            }
        );
        assert_eq!(in_query("/socket?room=a.b.c"), None);
    }

    #[test]
    fn other_tokens_are_only_counted() {
        for token in [
            "abc",
            "a.b.c",
            "....",
            "eyJ.eyJ.x",
            &jwt("[1]"),
            &jwt("{}").replace('.', ""),
        ] {
            let facts = facts(token, TokenPlacement::Header);
            assert!(!facts.jwt, "{token}");
            assert_eq!(facts.characters, token.chars().count());
        }
        let odd = facts(&jwt(r#"{"exp":1e300}"#), TokenPlacement::Init);
        assert_eq!((odd.jwt, odd.expires_unix_s), (true, None));
    }

    #[test]
    fn tokens_come_from_values_variables_and_files() {
        assert_eq!(read("Bearer abc", nothing).unwrap(), "abc");
        let set = |name: &str| (name == "TOKEN").then(|| "xyz\n".to_owned());
        assert_eq!(read("env:TOKEN", set).unwrap(), "xyz");
        for (option, says) in [
            ("env:OTHER", "OTHER, which is not set"),
            ("", "is empty"),
            ("a b", "holds a blank"),
            ("@/nonexistent/token", "cannot read /nonexistent/token"),
        ] {
            let error = read(option, set).expect_err(option).to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn the_usual_place_depends_on_the_subprotocol() {
        let graphql = vec!["graphql-ws".to_owned()];
        assert_eq!(placement(None, &graphql).unwrap(), TokenPlacement::Init);
        assert_eq!(placement(None, &[]).unwrap(), TokenPlacement::Header);
        assert_eq!(
            placement(Some("query:t"), &[]).unwrap(),
            TokenPlacement::Query {
                name: "t".to_owned()
            }
        );
        assert!(placement(Some("query:"), &[]).is_err());
        assert!(placement(Some("body"), &[]).is_err());
    }
}
