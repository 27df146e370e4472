//! The plain JSON webhook, this program's own format. `docs/relay.md` is its contract.

use serde_json::{Value, json};

use crate::message::Kind;
use crate::outgoing::Outgoing;

/// Rises when a receiver has to change; new fields alone do not raise it.
pub const JSON_VERSION: u64 = 1;

/// The body of one piece. `id` is the same whenever the same piece is posted again, so that a receiver can drop what it has.
pub fn json_post(id: &str, room: &str, outgoing: &Outgoing) -> Value {
    let (kind, of) = match &outgoing.kind {
        Kind::Text => ("text", None),
        Kind::Action => ("action", None),
        Kind::Notice => ("notice", None),
        Kind::Edit { of } => ("edit", Some(of)),
        Kind::Delete { of } => ("delete", Some(of)),
        Kind::Join => ("join", None),
        Kind::Leave => ("leave", None),
        Kind::Topic => ("topic", None),
    };
    json!({
        "version": JSON_VERSION,
        "id": id,
        "room": room,
        "kind": kind,
        "of": of,
        "text": outgoing.text,
        "author": outgoing.author,
        "reply_to": outgoing.reply_to,
        "files": outgoing.files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Author, File};

    #[test]
    fn a_piece_is_told_whole() {
        let outgoing = Outgoing {
            text: "better".to_owned(),
            kind: Kind::Edit {
                of: "m1".to_owned(),
            },
            author: Author {
                name: "alice".to_owned(),
                network: Some("irc".to_owned()),
                ..Author::default()
            },
            reply_to: None,
            files: vec![File {
                name: "a.png".to_owned(),
                url: "https://f.example/a.png".to_owned(),
                comment: String::new(),
            }],
        };
        let body = json_post("p1", "ops", &outgoing);
        let expected = json!({
            "version": 1, "id": "p1", "room": "ops", "kind": "edit", "of": "m1", "text": "better",
            "author": {"id": null, "name": "alice", "avatar": null, "network": "irc"},
            "reply_to": null,
            "files": [{"name": "a.png", "url": "https://f.example/a.png", "comment": ""}],
        });
        assert_eq!(body, expected);
    }
}
