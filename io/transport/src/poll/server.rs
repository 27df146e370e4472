//! The gateway's end of `poll`: the body is the envelopes themselves.
//!
//! A response is complete with its first flush, so that no hop has a reason to hold it back.

/// The media type of the response. Not text, so that nothing on the way converts or sniffs it.
pub const CONTENT_TYPE: &str = "application/octet-stream";

/// Appends `envelopes` in the form they have in this body.
pub fn encode(envelopes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(envelopes);
}
