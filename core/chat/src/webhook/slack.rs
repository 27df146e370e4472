//! What incoming webhooks of Slack and Mattermost take.

use serde_json::{Value, json};

use crate::outgoing::Outgoing;

/// The body that says a piece. Neither `@channel` of Mattermost nor a link of Slack's own syntax is to be made of a name in the text.
pub fn slack_post(outgoing: &Outgoing) -> Value {
    let mut body = json!({ "text": outgoing.text, "link_names": 0, "parse": "none" });
    if !outgoing.author.name.is_empty() {
        body["username"] = outgoing.author.name.as_str().into();
    }
    if let Some(avatar) = &outgoing.author.avatar {
        body["icon_url"] = avatar.as_str().into();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Author;

    #[test]
    fn a_piece_has_its_authors_name_and_picture() {
        let mut outgoing = Outgoing {
            author: Author {
                name: "alice".to_owned(),
                avatar: Some("https://a.example/a.png".to_owned()),
                ..Author::default()
            },
            ..Outgoing::text("hi")
        };
        let body = slack_post(&outgoing);
        assert_eq!(body["username"], "alice");
        assert_eq!(body["icon_url"], "https://a.example/a.png");
        outgoing.author = Author::default();
        assert_eq!(slack_post(&outgoing)["username"], Value::Null);
    }
}
