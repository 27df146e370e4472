//! The gateway's end of `sse`: each flush is one event whose data is the base64 of envelopes.
//!
//! It must never put anything into an event but base64, so that no envelope can end one early.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The media type of the response.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// Appends `envelopes` in the form they have in this body; nothing for no envelopes.
pub fn encode(envelopes: &[u8], out: &mut Vec<u8>) {
    if envelopes.is_empty() {
        return;
    }
    out.extend_from_slice(DATA);
    let start = out.len();
    out.resize(start + envelopes.len().div_ceil(3) * 4, 0);
    STANDARD
        .encode_slice(envelopes, &mut out[start..])
        .expect("the room is what base64 takes");
    out.extend_from_slice(EVENT_END);
}

const DATA: &[u8] = b"data:";
const EVENT_END: &[u8] = b"\n\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_base64_and_an_empty_one() {
        let mut out = Vec::new();
        encode(b"", &mut out);
        assert_eq!(out, b"");
        encode(b"\n\n\n\x01", &mut out);
        assert_eq!(out, b"data:CgoKAQ==\n\n");
    }
}
