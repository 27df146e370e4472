//! From the API's JSON to a message.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::joins;
use super::time::parse_time;
use crate::hex::hex;
use crate::message::{Author, File, Kind, Message};

/// What one JSON object of the API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The greeting of a new connection.
    Greeting {
        /// Its time by Matterbridge's clock, where it has one. What it tells of earlier is history.
        at_unix_ms: Option<i64>,
    },
    /// Something that happened in a room; the room is the gateway.
    Message(Box<Message>),
    /// Nothing that a room is told of: somebody types, or it is no message of this API.
    Nothing,
}

/// Reads one object. A message without a time of its own is of now.
pub fn read(side: &str, object: &Value, now_unix_ms: i64) -> Read {
    let kind = match field(object, "event") {
        "" => Kind::Text,
        "api_connected" => {
            let at_unix_ms = parse_time(field(object, "timestamp"));
            return Read::Greeting { at_unix_ms };
        }
        "user_action" => Kind::Action,
        "notice_irc" | "notice" => Kind::Notice,
        "topic_change" => Kind::Topic,
        "msg_delete" => match field(object, "id") {
            "" => return Read::Nothing,
            id => Kind::Delete { of: id.to_owned() },
        },
        "join_leave" | "join" | "leave" => return moved(side, object, now_unix_ms),
        _ => return Read::Nothing,
    };
    let mut message = base(side, object, kind, now_unix_ms);
    message.files = files(object);
    note_missing_files(object, &mut message.text);
    let is_empty = message.text.is_empty() && message.files.is_empty();
    let needs_text = !matches!(message.kind, Kind::Delete { .. } | Kind::Topic);
    if message.room.is_empty() || (is_empty && needs_text) {
        return Read::Nothing;
    }
    Read::Message(Box::new(message))
}

/// The text of a field; empty where there is none.
fn field<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn base(side: &str, object: &Value, kind: Kind, now_unix_ms: i64) -> Message {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let account = field(object, "account");
    let protocol = match field(object, "protocol") {
        "" => account.split('.').next().unwrap_or_default(),
        protocol => protocol,
    };
    let user = field(object, "userid");
    Message {
        side: side.to_owned(),
        room: field(object, "gateway").to_owned(),
        id: Some(identity(object)),
        author: Author {
            // Ids of two networks may be the same.
            id: some(user).map(|user| format!("{account} {user}")),
            name: field(object, "username").trim().to_owned(),
            avatar: some(field(object, "avatar")).filter(|url| is_web(url)),
            network: some(protocol),
        },
        kind,
        text: field(object, "text").to_owned(),
        at_unix_ms: parse_time(field(object, "timestamp")).unwrap_or(now_unix_ms),
        reply_to: some(field(object, "parent_id"))
            .filter(|parent| parent != "msg-parent-not-found"),
        files: Vec::new(),
    }
}

/// The API gives no id, so that one is made of all that tells a message from others. Its time has nanoseconds.
fn identity(object: &Value) -> String {
    let mut hash = Sha256::new();
    for name in [
        "gateway",
        "account",
        "channel",
        "userid",
        "username",
        "timestamp",
        "event",
        "text",
    ] {
        let part = field(object, name).as_bytes();
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..16])
}

fn moved(side: &str, object: &Value, now_unix_ms: i64) -> Read {
    let Some(moved) = joins::read(field(object, "text")) else {
        return Read::Nothing;
    };
    let mut message = base(side, object, moved.kind, now_unix_ms);
    if !moved.name.is_empty() {
        message.author.name = moved.name;
    }
    message.text = moved.reason;
    let is_told = !message.room.is_empty() && !message.author.name.is_empty();
    if is_told {
        Read::Message(Box::new(message))
    } else {
        Read::Nothing
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn entries<'a>(object: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    let extra = object.get("Extra").and_then(|extra| extra.get(list));
    let all = extra.and_then(Value::as_array).into_iter().flatten();
    all.take(FILES_MAX)
}

/// Most files of one message.
const FILES_MAX: usize = 20;

fn files(object: &Value) -> Vec<File> {
    entries(object, "file")
        .filter(|file| is_web(field(file, "URL")))
        .map(|file| File {
            name: field(file, "Name").to_owned(),
            url: field(file, "URL").to_owned(),
            comment: field(file, "Comment").to_owned(),
        })
        .collect()
}

/// Says of files that have no address, or were too large for Matterbridge, that they were there.
fn note_missing_files(object: &Value, text: &mut String) {
    let contents = entries(object, "file").filter(|file| !is_web(field(file, "URL")));
    let contents = contents.map(|file| ("a file", file));
    let large = entries(object, "file_failure_size").map(|file| ("a file too large", file));
    for (what, file) in contents.chain(large) {
        if !text.is_empty() {
            text.push('\n');
        }
        for part in ["(", what, ": ", field(file, "Name"), ")"] {
            text.push_str(part);
        }
        let comment = field(file, "Comment");
        if !comment.is_empty() {
            text.push(' ');
            text.push_str(comment);
        }
    }
}

#[cfg(test)]
mod tests;
