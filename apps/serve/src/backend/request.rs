//! The bytes of a handshake with the backend (RFC 6455 section 4.1).
//!
//! Always HTTP/1.1, which every WebSocket server speaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName};

use super::BackendRequest;
use super::upstream::Upstream;

/// A key of 16 random bytes.
pub(super) fn fresh_key() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the system has random bytes");
    STANDARD.encode(random)
}

/// The request head.
pub(super) fn encode(upstream: &Upstream, request: BackendRequest<'_>, key: &str) -> Vec<u8> {
    let mut wire = Wire(Vec::with_capacity(1024));
    let target = upstream.target(request.target);
    wire.0.extend_from_slice(b"GET ");
    // Nothing that could end the line, whatever those who call have checked.
    wire.0
        .extend(target.bytes().filter(|byte| *byte > b' ' && *byte != 0x7f));
    wire.0.extend_from_slice(b" HTTP/1.1\r\n");
    wire.line(
        "Host",
        upstream.host_header(&request.client.host).as_bytes(),
    );
    wire.line("Upgrade", b"websocket");
    wire.line("Connection", b"Upgrade");
    wire.line("Sec-WebSocket-Version", b"13");
    wire.line("Sec-WebSocket-Key", key.as_bytes());
    if let Some(subprotocols) = request.subprotocols {
        wire.line("Sec-WebSocket-Protocol", subprotocols.as_bytes());
    }
    if let Some(extensions) = request.extensions {
        wire.line("Sec-WebSocket-Extensions", extensions.as_bytes());
    }
    let headers = upstream.policy().forwarded(request.headers, request.client);
    for (name, value) in &headers {
        if OF_HANDSHAKE_OR_BODY.contains(name) {
            continue;
        }
        // A session's first request is an ordinary POST; the backend is told what it stands for.
        let value = match name.as_str() {
            "sec-fetch-mode" => b"websocket",
            _ => value.as_bytes(),
        };
        wire.line(&title_case(name), value);
    }
    wire.0.extend_from_slice(b"\r\n");
    wire.0
}

struct Wire(Vec<u8>);

impl Wire {
    /// A line break inside a value becomes a space, so that no value can add a line.
    fn line(&mut self, name: &str, value: &[u8]) {
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b": ");
        self.0.extend(value.iter().map(|byte| match byte {
            b'\r' | b'\n' => b' ',
            other => *other,
        }));
        self.0.extend_from_slice(b"\r\n");
    }
}

/// `x-forwarded-for` as `X-Forwarded-For`: there are backends that mind.
fn title_case(name: &HeaderName) -> String {
    let mut begins = true;
    let upper = |letter: char| {
        let written = if begins {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        begins = letter == '-';
        written
    };
    name.as_str().chars().map(upper).collect()
}

/// Written by this gateway itself, or about the body of a request that has none here.
const OF_HANDSHAKE_OR_BODY: [HeaderName; 13] = [
    header::SEC_WEBSOCKET_ACCEPT,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_VERSION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::RANGE,
    HeaderName::from_static("priority"),
];
