//! The gateway's end of `stream`: the body is the envelopes themselves.
//!
//! It must never wait for more to send: each flush is a chunk.

/// The media type of the response. Not text, so that nothing on the way converts or sniffs it.
pub const CONTENT_TYPE: &str = "application/octet-stream";

/// Appends `envelopes` in the form they have in this body.
pub fn encode(envelopes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(envelopes);
}
