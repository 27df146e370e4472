//! From a piece to the JSON that `POST /api/message` takes.

use serde_json::{Value, json};

use crate::message::Kind;
use crate::outgoing::Outgoing;

/// The body that says a piece in a gateway. The API gives the message no id and knows none of ours, so that an edit or a deletion is a
/// message of its own there.
pub fn post(gateway: &str, outgoing: &Outgoing) -> Value {
    let event = match outgoing.kind {
        Kind::Action => "user_action",
        Kind::Notice => "notice_irc",
        // Each of its bridges shows these only where its operator wants them.
        Kind::Join | Kind::Leave => "join_leave",
        Kind::Text | Kind::Edit { .. } | Kind::Delete { .. } | Kind::Topic => "",
    };
    let author = &outgoing.author;
    json!({
        "text": outgoing.text,
        "username": author.name,
        "userid": user_id(author.id.as_deref().unwrap_or_default()),
        "avatar": author.avatar.as_deref().unwrap_or_default(),
        "gateway": gateway,
        "event": event,
    })
}

/// An id without what another network might take for a mention or a command: some operators show it.
fn user_id(id: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-:".contains(c);
    let chars = id.chars().take(USER_ID_CHARS_MAX);
    chars.map(|c| if plain(c) { c } else { '_' }).collect()
}

/// Most characters of a user's id.
const USER_ID_CHARS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Author;

    #[test]
    fn a_piece_names_its_gateway_and_its_author() {
        let outgoing = Outgoing {
            text: "waves".to_owned(),
            kind: Kind::Action,
            author: Author {
                id: Some("irc.x u1@everyone\r\n".to_owned()),
                name: "alice".to_owned(),
                avatar: None,
                network: None,
            },
            reply_to: None,
            files: Vec::new(),
        };
        let body = post("lounge", &outgoing);
        assert_eq!(body["gateway"], "lounge");
        assert_eq!(body["event"], "user_action");
        assert_eq!(body["userid"], "irc.x_u1_everyone__");
        assert_eq!(body["avatar"], "");
        assert_eq!(
            post(
                "lounge",
                &Outgoing {
                    kind: Kind::Edit { of: "7".to_owned() },
                    ..outgoing
                }
            )["event"],
            ""
        );
    }
}
