//! What a message is made of, by names and places and without its content: enough to say that a page begins with
//! `connection_init` and where it puts a token.

use std::collections::BTreeSet;

use serde_json::Value;

/// The names in a message that is JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageShape {
    /// What the message calls itself, `connection_init` for example, where that is one word.
    pub name: Option<String>,
    /// The places that hold texts (RFC 6901), in the order of their names; at most 64.
    pub texts_at: Vec<String>,
}

impl MessageShape {
    pub(crate) fn of(message: &Value) -> Self {
        let mut places = BTreeSet::new();
        note_places(message, &mut String::new(), 0, &mut places);
        let name = NAME_FIELDS.iter().find_map(|field| message[field].as_str());
        Self {
            name: name.filter(|name| is_word(name)).map(str::to_owned),
            texts_at: places.into_iter().collect(),
        }
    }
}

/// A message as JSON; Socket.IO and its like put digits before it.
pub(crate) fn as_json(text: &str) -> Option<Value> {
    let after_digits = || text.trim_start_matches(|character: char| character.is_ascii_digit());
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(after_digits()))
        .ok()
}

fn note_places(value: &Value, place: &mut String, depth: usize, places: &mut BTreeSet<String>) {
    if depth > DEPTH_MAX || places.len() >= PLACES_MAX {
        return;
    }
    let mut step = |name: &str, value: &Value| {
        let length = place.len();
        place.push('/');
        place.push_str(&name.replace('~', "~0").replace('/', "~1"));
        if name.len() <= NAME_BYTES_MAX {
            note_places(value, place, depth + 1, places);
        }
        place.truncate(length);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| step(name, value)),
        Value::Array(items) => items
            .iter()
            .take(PLACES_MAX)
            .enumerate()
            .for_each(|(index, value)| step(&index.to_string(), value)),
        Value::String(_) => drop(places.insert(place.clone())),
        _ => {}
    }
}

/// A sentence in such a field would be content.
fn is_word(name: &str) -> bool {
    let fits = |character: char| character.is_ascii_alphanumeric() || "_-.:/".contains(character);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(fits)
}

/// Where the usual protocols over WebSocket name a message.
const NAME_FIELDS: [&str; 5] = ["type", "event", "action", "op", "method"];
const NAME_BYTES_MAX: usize = 64;
const DEPTH_MAX: usize = 4;
const PLACES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_places_are_told_and_content_is_not() {
        let message =
            json!({ "type": "connection_init", "payload": { "token": "secret", "a/b": ["x", 1] } });
        let shape = MessageShape::of(&message);
        assert_eq!(shape.name.as_deref(), Some("connection_init"));
        assert_eq!(
            shape.texts_at,
            ["/payload/a~1b/0", "/payload/token", "/type"]
        );
    }

    #[test]
    fn a_sentence_is_no_name_and_a_long_key_is_left_out() {
        let message = json!({ "type": "two words", "x".repeat(65): "text" });
        let shape = MessageShape::of(&message);
        assert_eq!(shape.name, None);
        assert_eq!(shape.texts_at, ["/type"]);
    }

    #[test]
    fn digits_before_json_are_left_out() {
        assert_eq!(as_json(r#"42["a"]"#), Some(json!(["a"])));
        assert_eq!(as_json("42"), Some(json!(42)));
        assert_eq!(as_json("4x"), None);
    }

    proptest! {
        #[test]
        fn a_shape_is_bounded(width in 0_usize..200, text in "[a-z~/\"]{0,80}") {
            let fields: serde_json::Map<_, _> = (0..width).map(|n| (format!("{text}{n}"), json!(text))).collect();
            let shape = MessageShape::of(&Value::Object(fields));
            prop_assert!(shape.texts_at.len() <= PLACES_MAX);
        }
    }
}
