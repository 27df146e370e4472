//! Close payloads: any bytes give a code and a reason; well-formed ones survive a round trip.

use towpath_websocket::{encode_close, parse_close};

/// Reads `data` as the payload of a close frame.
pub fn run(data: &[u8]) {
    let payload = parse_close(data);
    if let (Some(code), true) = (payload.code, payload.deviations.is_empty()) {
        assert_eq!(
            encode_close(code, payload.reason.as_bytes()),
            data,
            "what was read is what is written"
        );
    }
}
