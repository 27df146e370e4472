//! Messages for the tests of this folder.

use towpath_chat::{Author, Kind, Message};

/// A message that somebody else said.
pub(super) fn said(id: &str, at_unix_ms: i64) -> Message {
    Message {
        side: "kosmi.main".to_owned(),
        room: "@room".to_owned(),
        id: Some(id.to_owned()),
        author: Author {
            id: Some("u-other".to_owned()),
            name: "Ann".to_owned(),
            ..Author::default()
        },
        kind: Kind::Text,
        text: format!("text {id}"),
        at_unix_ms,
        reply_to: None,
        files: Vec::new(),
    }
}
