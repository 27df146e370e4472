//! What a server says about an error, as it says it, but bounded and safe to print. It must never guess what a server meant.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::limits::{PROBLEM_CHARS_MAX, PROBLEM_LABEL_CHARS_MAX, PROBLEMS_MAX};

/// One error of a server (GraphQL specification, section "Errors").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The server's words; empty where it gave none.
    pub message: String,
    /// `extensions.code`, or a `code` beside the message.
    pub code: Option<String>,
    /// Where in the answer, `joinRoom.ok` for example.
    pub path: Option<String>,
}

impl Problem {
    /// Whether its message, code or path contains this word, whatever its case.
    pub fn says(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        [Some(&self.message), self.code.as_ref(), self.path.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(&word))
    }

    /// Reads the errors out of whatever shape a server puts them in: a list, one object, an object with `errors`, or a text.
    pub fn read_all(value: &Value) -> Vec<Self> {
        match value {
            Value::Array(errors) => errors.iter().take(PROBLEMS_MAX).map(Self::read).collect(),
            Value::Object(object) => match object.get("errors") {
                Some(errors @ Value::Array(_)) => Self::read_all(errors),
                _ if object.is_empty() => Vec::new(),
                _ => vec![Self::read(value)],
            },
            Value::String(_) => vec![Self::read(value)],
            _ => Vec::new(),
        }
    }

    fn read(value: &Value) -> Self {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let message = match value {
            Value::String(text) => text.clone(),
            _ => match text("/message").or_else(|| text("/reason")) {
                Some(text) => text.to_owned(),
                None => value.to_string(),
            },
        };
        Self {
            message: bounded(&message, PROBLEM_CHARS_MAX),
            code: text("/extensions/code")
                .or_else(|| text("/code"))
                .map(|code| bounded(code, PROBLEM_LABEL_CHARS_MAX)),
            path: value
                .pointer("/path")
                .and_then(Value::as_array)
                .map(|path| bounded(&joined(path), PROBLEM_LABEL_CHARS_MAX)),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, self.message.as_str()) {
            (Some(code), "") => f.write_str(code),
            (Some(code), message) if !message.contains(code.as_str()) => {
                write!(f, "{message} ({code})")
            }
            (None, "") => f.write_str("no reason given"),
            (_, message) => f.write_str(message),
        }
    }
}

/// The errors as one text: `a; b`.
pub(crate) fn sentence(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return "no reason given".to_owned();
    }
    let all: Vec<_> = problems.iter().map(ToString::to_string).collect();
    all.join("; ")
}

/// A server's text, safe to print on one line: what steers a terminal or turns the direction of text becomes a space.
pub(crate) fn bounded(text: &str, chars_max: usize) -> String {
    let mut chars = text.trim().chars();
    let mut out: String = chars
        .by_ref()
        .take(chars_max)
        .map(|c| if steers(c) { ' ' } else { c })
        .collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn joined(path: &[Value]) -> String {
    let steps: Vec<_> = path
        .iter()
        .map(|step| {
            step.as_str()
                .map_or_else(|| step.to_string(), str::to_owned)
        })
        .collect();
    steps.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_of_error_is_read() {
        let check = |value: Value, expect: &[&str]| {
            let shown: Vec<_> = Problem::read_all(&value)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(shown, expect, "{value}");
        };
        check(
            json!([{"message": "no"}, {"message": "never"}]),
            &["no", "never"],
        );
        check(
            json!({"message": "no", "extensions": {"code": "ROOM"}}),
            &["no (ROOM)"],
        );
        check(
            json!({"errors": [{"message": "ROOM", "code": "ROOM"}]}),
            &["ROOM"],
        );
        check(json!({"reason": "so"}), &["so"]);
        check(json!("words"), &["words"]);
        check(json!([{"strange": 1}]), &[r#"{"strange":1}"#]);
        check(json!({}), &[]);
        check(json!(null), &[]);
        check(json!(7), &[]);
    }

    #[test]
    fn what_a_server_says_is_bounded_and_cannot_steer() {
        let problems = Problem::read_all(&json!([{
            "message": format!("\u{1b}[2J\r\n\u{202e}{}", "x".repeat(10_000)),
            "path": ["joinRoom", 0, "ok"],
        }]));
        let problem = &problems[0];
        assert!(!problem.message.chars().any(steers), "{problem:?}");
        assert_eq!(problem.message.chars().count(), PROBLEM_CHARS_MAX + 1);
        assert_eq!(problem.path.as_deref(), Some("joinRoom.0.ok"));
        let many = json!(vec![json!({"message": "x"}); 100]);
        assert_eq!(Problem::read_all(&many).len(), PROBLEMS_MAX);
    }

    #[test]
    fn an_error_is_found_by_a_word_of_it() {
        let problems = Problem::read_all(&json!([{"message": "Room_not_found"}]));
        assert!(problems[0].says("ROOM_NOT_FOUND"));
        assert!(!problems[0].says("expired"));
    }
}
