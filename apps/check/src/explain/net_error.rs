//! The browser's error names where they mean one thing once a request was sent.

use towpath_diagnosis::observation::{Failed, Failure, Stage};

/// What an error means for a handshake whose request had left; nothing where it could mean several things.
pub(super) fn after_sending(error: &str) -> Option<Failed> {
    let name = error.split(' ').next().unwrap_or(error);
    let failure = match name.trim_start_matches("net::") {
        "ERR_CONNECTION_RESET" => Failure::Reset,
        "ERR_CONNECTION_CLOSED" | "ERR_EMPTY_RESPONSE" => Failure::EndOfStream,
        "ERR_INVALID_HTTP_RESPONSE" => Failure::NotHttp {
            first_bytes: String::new(),
        },
        "ERR_HTTP2_PROTOCOL_ERROR" => Failure::Http2 {
            detail: error.to_owned(),
        },
        _ => return None,
    };
    Some(Failed {
        stage: Stage::Http,
        failure,
    })
}
