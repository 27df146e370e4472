//! The backend leg: one WebSocket to the upstream, opened on behalf of one client.
//!
//! The backend is unmodified and must see what it would see without a gateway: the client's path,
//! query, cookies, `Origin`, subprotocols and headers, plus the usual forwarding headers. `Host` is
//! the one the client asked for unless the settings say otherwise, since applications check `Origin`
//! against it. Nothing is retained once [`open`] has returned but the stream itself.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::{Instant, timeout_at};
use towpath_websocket::handshake::accept_key;

use crate::client::Client;
use crate::stream::LegStream;

mod answer;
mod body;
mod dial;
mod failure;
mod headers;
mod request;
mod upstream;

pub(crate) use dial::connect;
pub(crate) use failure::BackendFailure;
pub(crate) use headers::strip_connection;
pub(crate) use upstream::Upstream;

/// Whom to open a WebSocket for, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackendRequest<'a> {
    /// Path and query as the client names them, for example `/chat?room=1`; begins with `/`.
    pub(crate) target: &'a str,
    /// The headers of the client's request as they arrived. Connection-specific headers, those of the
    /// WebSocket handshake and of a request body are left out here; untrusted forwarding headers too.
    pub(crate) headers: &'a HeaderMap,
    /// The facts about the client.
    pub(crate) client: &'a Client,
    /// `Sec-WebSocket-Protocol`, verbatim.
    pub(crate) subprotocols: Option<&'a str>,
    /// `Sec-WebSocket-Extensions`, verbatim.
    pub(crate) extensions: Option<&'a str>,
    /// The client's own `Sec-WebSocket-Key`, when the client checks the accept itself. Without it a
    /// key is made here and the backend's accept is checked here.
    pub(crate) key: Option<&'a str>,
}

/// An open WebSocket to the backend.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The stream, right behind the head of the 101.
    pub(crate) stream: LegStream,
    /// Bytes of the backend that came together with the head; they come before those of the stream.
    pub(crate) leftover: Bytes,
    /// All headers of the 101.
    pub(crate) headers: HeaderMap,
}

impl Opened {
    /// The subprotocol that the backend chose.
    pub(crate) fn subprotocol(&self) -> Option<&str> {
        text(&self.headers, "sec-websocket-protocol")
    }

    /// The extensions that the backend agreed to, verbatim.
    pub(crate) fn extensions(&self) -> Option<&str> {
        text(&self.headers, "sec-websocket-extensions")
    }
}

/// Why there is no WebSocket.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// The backend answered with something else than 101.
    Refused(Box<Refusal>),
    /// There was no answer that could be handed on.
    Failed(BackendFailure),
}

/// The backend's own answer to a handshake.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The status.
    pub(crate) status: StatusCode,
    /// All headers, without those of the connection; `Content-Length` is left out.
    pub(crate) headers: HeaderMap,
    /// The body, at most [`BackendLimits::refusal_body_bytes`].
    pub(crate) body: Bytes,
    /// Whether there was more of the body.
    pub(crate) body_cut: bool,
}

/// Bounds of one handshake with the backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackendLimits {
    /// From the start of name resolution to the complete answer.
    pub(crate) handshake: Duration,
    /// Bytes of the head of the answer.
    pub(crate) head_bytes: usize,
    /// Bytes of a refusal's body.
    pub(crate) refusal_body_bytes: usize,
}

/// Opens a WebSocket to the upstream.
///
/// Ends within [`BackendLimits::handshake`]. Dropping the future closes the connection.
pub(crate) async fn open(
    upstream: &Upstream,
    request: BackendRequest<'_>,
) -> Result<Opened, NotOpened> {
    let limits = upstream.limits();
    let deadline = Instant::now() + limits.handshake;
    let own_key = request.key.is_none().then(request::fresh_key);
    let key = request.key.or(own_key.as_deref()).unwrap_or_default();
    let head = request::encode(upstream, request, key);
    let exchange = Box::pin(async {
        let mut stream = connect(upstream).await?;
        let (answer, rest) = answer::exchange(&mut stream, &head, limits).await?;
        Ok((stream, answer, rest))
    });
    let (mut stream, answer, rest) = match timeout_at(deadline, exchange).await {
        Ok(Ok(exchanged)) => exchanged,
        Ok(Err(failure)) => return Err(NotOpened::Failed(failure)),
        Err(_) => {
            let after = limits.handshake;
            return Err(NotOpened::Failed(BackendFailure::TimedOut { after }));
        }
    };
    if answer.status != StatusCode::SWITCHING_PROTOCOLS {
        let most = limits.refusal_body_bytes;
        let read = body::refusal(&mut stream, answer, rest, most, deadline);
        return Err(NotOpened::Refused(Box::new(Box::pin(read).await)));
    }
    if own_key.is_some() && text(&answer.headers, "sec-websocket-accept") != Some(&accept_key(key))
    {
        return Err(NotOpened::Failed(BackendFailure::WrongAccept));
    }
    Ok(Opened {
        stream,
        // A copy, so that the buffer of the head is not kept as long as the stream.
        leftover: Bytes::copy_from_slice(&rest),
        headers: answer.headers,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
