//! The gateway's end of `sse`: each flush is events whose data is the base64 of envelopes.
//!
//! It must never put anything into an event but base64, so that no envelope can end one early.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use towpath_session::number::{self, Read};

/// The media type of the response.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// Appends `envelopes` in the form they have in this body; nothing for no envelopes.
///
/// What a cut leaves of an event is lost, so that no event is longer than it has to be: a path that cuts
/// each response after so many bytes would never let a long one through.
pub fn encode(envelopes: &[u8], out: &mut Vec<u8>) {
    let mut rest = envelopes;
    while !rest.is_empty() {
        let (event, behind) = rest.split_at(event_length(rest));
        out.extend_from_slice(DATA);
        let start = out.len();
        out.resize(start + event.len().div_ceil(3) * 4, 0);
        STANDARD
            .encode_slice(event, &mut out[start..])
            .expect("the room is what base64 takes");
        out.extend_from_slice(EVENT_END);
        rest = behind;
    }
}

/// Bytes of the whole envelopes that make the next event: at least one.
fn event_length(envelopes: &[u8]) -> usize {
    let mut length = 0;
    while length < envelopes.len() {
        let Read::Number(body, digits) = number::read(&envelopes[length + 1..]) else {
            return envelopes.len();
        };
        let body = usize::try_from(body).unwrap_or(usize::MAX);
        let end = (length + 1 + digits).saturating_add(body);
        if length > 0 && end > EVENT_BYTES {
            break;
        }
        length = end.min(envelopes.len());
    }
    length
}

/// An event takes no further envelope beyond this many bytes of them.
const EVENT_BYTES: usize = 1_024;
const DATA: &[u8] = b"data:";
const EVENT_END: &[u8] = b"\n\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sse::events::Events;
    use towpath_session::envelope::write_padding;

    #[test]
    fn an_event_is_one_line_of_base64_and_an_empty_one() {
        let mut out = Vec::new();
        encode(b"", &mut out);
        assert_eq!(out, b"");
        encode(b"\x06\x02\n\n", &mut out);
        assert_eq!(out, b"data:BgIKCg==\n\n");
    }

    #[test]
    fn a_long_flush_is_many_events_of_whole_envelopes() {
        let mut envelopes = Vec::new();
        for bytes in [10, 700, 700, 16_384, 1, 2] {
            write_padding(bytes, &mut envelopes);
        }
        let mut body = Vec::new();
        encode(&envelopes, &mut body);
        let text = String::from_utf8(body.clone()).unwrap();
        let events: Vec<_> = text.split_terminator("\n\n").map(str::len).collect();
        // 10 and 700 bytes, 700, 16,384, and the two shortest that there are.
        assert_eq!(events, [953, 941, 21_853, 13]);
        let mut read = Vec::new();
        Events::default().feed(&body, &mut read).unwrap();
        assert_eq!(read, envelopes);
    }
}
