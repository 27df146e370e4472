//! From the text that a page holds to the token in it.
//!
//! It must never repeat that text: its errors name members and types only.

use serde_json::Value;

use crate::error::ReadError;
use crate::limits::{HELD_BYTES_MAX, TOKEN_BYTES_MAX};
use crate::source::Place;

/// Takes the token out of what `place` holds.
pub(crate) fn token(place: &Place, held: &str) -> Result<String, ReadError> {
    if held.len() > HELD_BYTES_MAX {
        return Err(ReadError::Page(format!(
            "{} is longer than {HELD_BYTES_MAX} bytes",
            place.held()
        )));
    }
    let text = match place {
        Place::LocalStorage {
            pointer: Some(pointer),
            ..
        }
        | Place::SessionStorage {
            pointer: Some(pointer),
            ..
        } => member(held, pointer)?,
        Place::LocalStorage { .. } | Place::SessionStorage { .. } => plain(held)?,
        // The pointer of a first message or an answer has been followed by who read it.
        Place::Cookie { .. } | Place::FirstMessage { .. } | Place::Login { .. } => held.to_owned(),
    };
    let token = text.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
    let wrong = |problem: &str| Err(ReadError::Page(format!("{} {problem}", place.held())));
    if token.is_empty() {
        return wrong("is empty");
    }
    if token.len() > TOKEN_BYTES_MAX {
        return wrong(&format!("is longer than {TOKEN_BYTES_MAX} bytes"));
    }
    if token.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return wrong("is no token: it holds blanks or control characters");
    }
    Ok(token.to_owned())
}

/// A bare text, or a JSON string: many applications store whatever they have as JSON.
fn plain(held: &str) -> Result<String, ReadError> {
    match held.trim_start().chars().next() {
        Some('"') => Ok(serde_json::from_str(held.trim()).unwrap_or_else(|_| held.to_owned())),
        Some('{' | '[') => {
            let names = serde_json::from_str(held).ok().map(|value| names(&value));
            Err(ReadError::Page(format!(
                "what the page holds there is JSON{}; say which member is the token by a JSON pointer, as in /access_token",
                names.unwrap_or_default()
            )))
        }
        _ => Ok(held.to_owned()),
    }
}

fn member(held: &str, pointer: &str) -> Result<String, ReadError> {
    let value: Value = serde_json::from_str(held).map_err(|_| {
        ReadError::Page(
            "what the page holds there is not JSON, so no pointer can be followed".to_owned(),
        )
    })?;
    match value.pointer(pointer) {
        Some(Value::String(token)) => Ok(token.clone()),
        Some(_) => Err(ReadError::Page(format!(
            "what stands at {pointer} is no text"
        ))),
        None => Err(ReadError::Page(format!(
            "nothing stands at {pointer}{}",
            names(&value)
        ))),
    }
}

/// The names of an object's members, which help to write a pointer and tell no secret.
fn names(value: &Value) -> String {
    let Value::Object(members) = value else {
        return String::new();
    };
    let mut names: Vec<String> = members.keys().map(|name| format!("`{name}`")).collect();
    names.retain(|name| name.len() <= NAME_SHOWN_BYTES_MAX);
    names.truncate(NAMES_SHOWN_MAX);
    if names.is_empty() {
        return String::new();
    }
    format!(" with the members {}", names.join(", "))
}

const NAMES_SHOWN_MAX: usize = 12;

/// A longer name may itself be data.
const NAME_SHOWN_BYTES_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local(pointer: Option<&str>) -> Place {
        Place::LocalStorage {
            key: "auth".to_owned(),
            pointer: pointer.map(str::to_owned),
        }
    }

    #[test]
    fn tokens_are_found_as_applications_store_them() {
        let check = |pointer, held: &str| token(&local(pointer), held).unwrap();
        assert_eq!(check(None, "abc"), "abc");
        assert_eq!(check(None, " \"abc\" "), "abc");
        assert_eq!(check(None, "Bearer abc"), "abc");
        assert_eq!(
            check(Some("/user/token"), r#"{"user":{"token":"abc"}}"#),
            "abc"
        );
    }

    #[test]
    fn what_is_no_token_is_told_without_repeating_it() {
        let json = r#"{"access_token":"s3cret","n":1}"#;
        for (pointer, held, says) in [
            (None, "", "is empty"),
            (None, "s3cret s3cret", "holds blanks"),
            (None, json, "members `access_token`, `n`"),
            (Some("/other"), json, "nothing stands at /other"),
            (Some("/n"), json, "is no text"),
            (Some("/n"), "s3cret", "is not JSON"),
        ] {
            let error = token(&local(pointer), held).expect_err(held).to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
        assert!(token(&local(None), &"x".repeat(TOKEN_BYTES_MAX + 1)).is_err());
        assert!(token(&local(None), &" ".repeat(HELD_BYTES_MAX + 1)).is_err());
    }

    proptest! {
        #[test]
        fn a_token_is_one_word_of_bounded_length(held in "[\\PC\n\t]{0,60}", pointer in proptest::option::of("(/[a-z]{0,3}){0,3}")) {
            if let Ok(token) = token(&local(pointer.as_deref()), &held) {
                prop_assert!(!token.is_empty() && !token.contains(char::is_whitespace));
            }
        }
    }
}
