//! Refusals that name what they dislike in a handshake: its version, its size, or that it is not Engine.IO's.

use crate::observation::Response;

/// Whether an answer is an Engine.IO error: a JSON object with exactly its `code` and `message`, or the
/// message alone, as it answers upgrades.
pub fn is_socket_io(response: &Response) -> bool {
    let text = response.body.text.trim();
    if !(400..500).contains(&response.status) {
        return false;
    }
    if ENGINE_IO_OWN_WORDS.contains(&text) {
        return true;
    }
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return false;
    };
    value["code"].as_u64().is_some_and(|code| code <= 5)
        && value["message"].as_str().is_some_and(|message| {
            ENGINE_IO_OWN_WORDS.contains(&message)
                || ["Bad request", "Forbidden"].contains(&message)
        })
}

/// Messages that no other server writes.
const ENGINE_IO_OWN_WORDS: [&str; 4] = [
    "Transport unknown",
    "Session ID unknown",
    "Bad handshake method",
    "Unsupported protocol version",
];

/// Whether a refusal lists versions and 13 is not among them.
pub fn wants_other_version(response: &Response) -> bool {
    response.status >= 400
        && response
            .header("sec-websocket-version")
            .is_some_and(|versions| {
                !versions.trim().is_empty()
                    && versions.split(',').all(|version| version.trim() != "13")
            })
}

/// Whether a refusal is about the version: by the versions it lists, or by its words.
pub fn speaks_of_version(response: &Response) -> bool {
    let words = response.body.text.to_ascii_lowercase();
    response.has("sec-websocket-version")
        && (wants_other_version(response) || words.contains("version"))
}

/// Whether a refusal is about the size of the request's head.
pub fn complains_of_size(response: &Response) -> bool {
    let lower = response.body.text.to_ascii_lowercase();
    matches!(response.status, 414 | 431 | 494)
        || (response.status == 400
            && [
                "request header or cookie too large",
                "request header fields too large",
                "header too large",
                "size of a request header field exceeds",
                "request header too large",
                "uri too long",
            ]
            .iter()
            .any(|words| lower.contains(words)))
}
