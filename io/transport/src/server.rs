//! What the gateway's ends of the HTTP transports have in common: media types, headers, padding.
//!
//! The headers ask every hop not to keep, change or hold back a response. Not every hop obeys, which is
//! why a client never takes a response for proven before data arrived over it.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::{poll, sse, stream};

/// The HTTP transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HttpTransport {
    /// One response that goes on, of bytes.
    Stream,
    /// One response that goes on, of server-sent events.
    Sse,
    /// A response for each thing there is to say.
    Poll,
}

impl HttpTransport {
    /// The endpoint's name, which is the transport's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }

    /// Whether a response goes on after its first bytes.
    pub fn is_streaming(self) -> bool {
        !matches!(self, Self::Poll)
    }

    /// The media type of the response.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Stream => stream::server::CONTENT_TYPE,
            Self::Sse => sse::server::CONTENT_TYPE,
            Self::Poll => poll::server::CONTENT_TYPE,
        }
    }

    /// Appends `envelopes` in the form they have in the response's body.
    pub fn encode(self, envelopes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Stream => stream::server::encode(envelopes, out),
            Self::Sse => sse::server::encode(envelopes, out),
            Self::Poll => poll::server::encode(envelopes, out),
        }
    }
}

/// Sets the headers of an answer of media type `content_type`, for every endpoint but `websocket`.
pub fn set_headers(headers: &mut HeaderMap, content_type: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    debug_assert!(headers.contains_key(CACHE_CONTROL));
}

/// The media type of a `send` answer and of every other answer that is complete.
pub const COMPLETE_CONTENT_TYPE: &str = "application/octet-stream";

const HEADERS: [(&str, &str); 3] = [
    ("cache-control", "no-store, no-transform"),
    // Heard by nginx and by those that follow it.
    ("x-accel-buffering", "no"),
    // Browsers hold the first bytes of a body back while they guess its type.
    ("x-content-type-options", "nosniff"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_asks_not_to_be_kept_or_changed() {
        for transport in [
            HttpTransport::Stream,
            HttpTransport::Sse,
            HttpTransport::Poll,
        ] {
            let mut headers = HeaderMap::new();
            set_headers(&mut headers, transport.content_type());
            assert_eq!(headers["cache-control"], "no-store, no-transform");
            assert_eq!(headers["x-accel-buffering"], "no");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["content-type"], transport.content_type());
        }
    }
}
