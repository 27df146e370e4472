//! Values that are filled into operations. It must never fill a value into the text of a query, where it could become part of it.

use serde_json::{Map, Value};

/// What an operation is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Variables<'a> {
    /// The room.
    pub room: &'a str,
    /// The channel within the room; the profile's without one.
    pub channel: Option<&'a str>,
    /// From where the archive is wanted; without one, its newest page.
    pub cursor: Option<&'a str>,
    /// The text to send.
    pub body: &'a str,
    /// The message that it replies to.
    pub reply_to: Option<&'a str>,
}

/// The placeholders that a variable's value may be.
pub(super) const PLACEHOLDERS: [&str; 5] =
    ["{room}", "{channel}", "{cursor}", "{body}", "{reply-to}"];

impl Variables<'_> {
    /// The variables that a query mentions, filled in.
    pub(super) fn fill(
        &self,
        template: &Map<String, Value>,
        query: &str,
        channel: &str,
    ) -> Map<String, Value> {
        let mentioned = mentioned(query);
        template
            .iter()
            .filter(|(name, _)| mentioned.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), self.value(value, channel)))
            .collect()
    }

    fn value(&self, value: &Value, channel: &str) -> Value {
        match value.as_str() {
            Some("{room}") => self.room.into(),
            Some("{channel}") => self.channel.unwrap_or(channel).into(),
            Some("{cursor}") => self.cursor.into(),
            Some("{body}") => self.body.into(),
            Some("{reply-to}") => self.reply_to.into(),
            _ => value.clone(),
        }
    }
}

/// The names of the variables that a query mentions.
pub(super) fn mentioned(query: &str) -> Vec<&str> {
    query
        .split('$')
        .skip(1)
        .map(|after| {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            &after[..end.unwrap_or(after.len())]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_query_mentions_is_filled_in() {
        let template =
            json!({"a": "{body}", "b": "{cursor}", "c": false, "d": "{room}", "e": "{channel}"});
        let variables = Variables {
            room: "@r",
            body: "\"} { evil }",
            ..Variables::default()
        };
        let query = "query X($a: String!, $b: String, $c: Boolean, $e: String) { x }";
        let filled = variables.fill(template.as_object().unwrap(), query, "general");
        let expect = json!({"a": "\"} { evil }", "b": null, "c": false, "e": "general"});
        assert_eq!(Value::Object(filled), expect);
    }
}
