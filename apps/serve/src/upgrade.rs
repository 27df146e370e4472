//! The client's side of a switch to WebSocket, over HTTP/1.1 and over HTTP/2.
//!
//! It tells whether a request asks for a WebSocket, answers it, and gives the bare stream
//! back. It must never leave hyper between a WebSocket and its socket where there is one.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use towpath_websocket::extension::{PERMESSAGE_DEFLATE, parse_extensions};
use towpath_websocket::handshake::accept_key;
use towpath_websocket::{DeflateOffer, DeflateParameters};

use crate::admit::count::Permit;
use crate::body::{self, Body};
use crate::guarded::Guarded;
use crate::stream::LegStream;

/// A request for a WebSocket that is not answered yet.
#[derive(Debug)]
pub(crate) struct ClientUpgrade {
    on: OnUpgrade,
    permit: Arc<Permit>,
    key: Option<Box<str>>,
}

/// A client's stream after the switch.
#[derive(Debug)]
pub(crate) struct ClientStream {
    /// The stream.
    pub(crate) stream: LegStream,
    /// Bytes that arrived together with the request's head; they come before those of the stream.
    pub(crate) leftover: Bytes,
}

impl ClientUpgrade {
    /// The client's `Sec-WebSocket-Key`; none over HTTP/2 (RFC 8441 section 5).
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The answer that opens the WebSocket: 101, or 200 over HTTP/2. `headers` holds what was agreed
    /// (subprotocol, extensions) and anything else to tell; those of the switch itself are set here, but
    /// a `Sec-WebSocket-Accept` of the backend stays, right or wrong, for the client to judge.
    pub(crate) fn response(&self, mut headers: HeaderMap) -> Response<Body> {
        for name in OF_SWITCH {
            headers.remove(name);
        }
        let mut response = Response::new(body::empty());
        if let Some(key) = &self.key {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            let own = HeaderValue::from_str(&accept_key(key));
            if let (None, Ok(accept)) = (headers.get(header::SEC_WEBSOCKET_ACCEPT), own) {
                headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
            }
        } else {
            headers.remove(header::SEC_WEBSOCKET_ACCEPT);
        }
        *response.headers_mut() = headers;
        response
    }

    /// The stream, once the answer of [`ClientUpgrade::response`] is on its way. Call it in a task of
    /// its own: it waits until the answer has been returned to the server.
    pub(crate) async fn stream(self) -> io::Result<ClientStream> {
        let upgraded = self.on.await.map_err(io::Error::other)?;
        Ok(match upgraded.downcast::<TokioIo<Guarded>>() {
            Ok(parts) => ClientStream {
                stream: parts.io.into_inner().into_inner().counted(self.permit),
                // Hyper's own buffer is large; holding on to an empty slice of it would keep it.
                leftover: Bytes::copy_from_slice(&parts.read_buf),
            },
            Err(upgraded) => ClientStream {
                stream: LegStream::http2(upgraded).counted(self.permit),
                leftover: Bytes::new(),
            },
        })
    }
}

/// Whether the request asks for a WebSocket.
pub(crate) fn is_websocket(request: &Request<Incoming>) -> bool {
    if request.version() == Version::HTTP_2 {
        let protocol = request.extensions().get::<Protocol>();
        return request.method() == Method::CONNECT
            && protocol
                .is_some_and(|protocol| protocol.as_str().eq_ignore_ascii_case("websocket"));
    }
    request.method() == Method::GET
        && names_token(request.headers(), &header::UPGRADE, "websocket")
        && names_token(request.headers(), &header::CONNECTION, "upgrade")
}

/// Takes the switch out of a request that asks for a WebSocket; nothing where a required part is missing.
pub(crate) fn take(request: &mut Request<Incoming>, permit: Arc<Permit>) -> Option<ClientUpgrade> {
    let key = if request.version() == Version::HTTP_2 {
        None
    } else {
        let key = request.headers().get(header::SEC_WEBSOCKET_KEY)?;
        Some(key.to_str().ok()?.into())
    };
    let on = hyper::upgrade::on(request);
    Some(ClientUpgrade { on, permit, key })
}

/// Whether a client's handshake offers this subprotocol.
pub(crate) fn offers_subprotocol(headers: &HeaderMap, subprotocol: &str) -> bool {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == subprotocol)
}

/// The compression that this gateway agrees on with a client that offers some (RFC 7692): no state is kept between messages.
pub(crate) fn agreed_deflate(of_client: &HeaderMap) -> Option<DeflateParameters> {
    of_client
        .get_all(header::SEC_WEBSOCKET_EXTENSIONS)
        .iter()
        .filter_map(|value| parse_extensions(value.to_str().ok()?).ok())
        .flatten()
        .filter(|extension| extension.name == PERMESSAGE_DEFLATE)
        .filter_map(|extension| DeflateOffer::parse(&extension).ok())
        .find_map(|offer| offer.answer_without_takeover())
}

fn names_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// Set by the switch itself, never copied from elsewhere.
const OF_SWITCH: [HeaderName; 4] = [
    header::CONNECTION,
    header::UPGRADE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];
