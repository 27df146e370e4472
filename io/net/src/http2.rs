//! Extended CONNECT over HTTP/2 (RFC 8441), on connections made for one WebSocket.
//!
//! It waits for the server's SETTINGS before it asks, and never asks a server that did not enable
//! the method. The caller's stream is used up: what comes back is the one HTTP/2 stream.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::{Ping, RecvStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use towpath_diagnosis::observation::{Failure, Header, RequestHead};

use crate::failure;
use crate::http1::Answer;
use crate::limits::Limits;
use crate::stream::Stream;

mod tunnel;

use tunnel::Tunnel;

/// Headers that HTTP/2 forbids or that the method makes meaningless (RFC 9113 section 8.2.2,
/// RFC 8441 section 5).
const LEFT_OUT: [&str; 8] = [
    "connection",
    "host",
    "keep-alive",
    "proxy-connection",
    "sec-websocket-key",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What came of asking.
#[derive(Debug)]
pub struct Asked {
    /// The answer.
    pub answer: Answer,
    /// The stream inside, where the answer was 2xx.
    pub stream: Option<Stream>,
}

/// Ends the connection's task with its last user.
#[derive(Debug)]
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An HTTP/1.1 handshake as HTTP/2 sends it: names in lower case, nothing of the hop, the
/// pseudo-headers first.
pub fn head(request: &RequestHead, scheme: &str, authority: &str) -> RequestHead {
    let pseudo = [
        (":protocol", "websocket"),
        (":scheme", scheme),
        (":authority", authority),
    ];
    let pseudo = pseudo.map(|(name, value)| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    });
    let kept = request.headers.iter().filter_map(|header| {
        let name = header.name.to_ascii_lowercase();
        (!LEFT_OUT.contains(&name.as_str())).then(|| Header {
            name,
            value: header.value.clone(),
        })
    });
    RequestHead {
        method: "CONNECT".to_owned(),
        target: request.target.clone(),
        version: "HTTP/2".to_owned(),
        headers: pseudo.into_iter().chain(kept).collect(),
    }
}

/// Asks for a WebSocket with a head made by [`head`].
pub async fn connect(
    stream: Stream,
    request: &RequestHead,
    limits: &Limits,
) -> Result<Asked, Failure> {
    let began = Instant::now();
    // A peer that does not come as far as its SETTINGS offered nothing, however it failed.
    let settled = timeout(limits.http2_settings, settle(stream)).await;
    let (sender, driver) = settled
        .ok()
        .and_then(Result::ok)
        .ok_or(Failure::Http2NotAgreed)?;
    if !sender.is_extended_connect_protocol_enabled() {
        return Err(Failure::ExtendedConnectNotOffered);
    }
    let left = limits.head.saturating_sub(began.elapsed());
    timeout(left, ask(sender, driver, request, limits))
        .await
        .map_err(|_| failure::timed_out(limits.head))?
}

/// Waits until the server's SETTINGS are known: they come before its answer to a ping.
async fn settle(stream: Stream) -> Result<(SendRequest<Bytes>, Driver), h2::Error> {
    let (sender, mut connection) = h2::client::handshake(stream).await?;
    if let Some(mut pings) = connection.ping_pong() {
        tokio::select! {
            biased;
            pong = pings.ping(Ping::opaque()) => { pong?; }
            ended = &mut connection => {
                ended?;
                return Err(h2::Reason::NO_ERROR.into());
            }
        }
    }
    // How it ends is seen by whoever uses the stream.
    let driver = Driver(tokio::spawn(async move {
        let _ = connection.await;
    }));
    Ok((sender, driver))
}

async fn ask(
    sender: SendRequest<Bytes>,
    driver: Driver,
    request: &RequestHead,
    limits: &Limits,
) -> Result<Asked, Failure> {
    let mut sender = sender.ready().await.map_err(|error| failure_of(&error))?;
    let sent = Instant::now();
    let (response, outgoing) = sender
        .send_request(wire(request)?, false)
        .map_err(|error| failure_of(&error))?;
    let response = response.await.map_err(|error| failure_of(&error))?;
    let first_byte = sent.elapsed();
    let (parts, incoming) = response.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    let mut answer = Answer {
        status: parts.status.as_u16(),
        reason: String::new(),
        version: "HTTP/2".to_owned(),
        headers: headers.collect(),
        body: Bytes::new(),
        body_cut: false,
        first_byte,
        head_complete: first_byte,
    };
    let stream = if parts.status.is_success() {
        Some(Stream::new(Tunnel::new(incoming, outgoing, driver)))
    } else {
        (answer.body, answer.body_cut) = body(incoming, limits).await;
        None
    };
    Ok(Asked { answer, stream })
}

fn wire(request: &RequestHead) -> Result<http::Request<()>, Failure> {
    let pseudo = |name: &str| {
        request
            .headers
            .iter()
            .find(|header| header.name == name)
            .map(|header| header.value.clone())
            .unwrap_or_default()
    };
    let uri = format!(
        "{}://{}{}",
        pseudo(":scheme"),
        pseudo(":authority"),
        request.target
    );
    let mut builder = http::Request::builder()
        .method(http::Method::CONNECT)
        .version(http::Version::HTTP_2)
        .uri(uri)
        .extension(Protocol::from_static("websocket"));
    for header in &request.headers {
        if !header.name.starts_with(':') {
            builder = builder.header(&header.name, &header.value);
        }
    }
    builder.body(()).map_err(|error| Failure::Other {
        detail: format!("the request cannot be sent by HTTP/2: {error}"),
    })
}

/// A refusal's body, as far as it is read; tells whether there was more.
async fn body(mut incoming: RecvStream, limits: &Limits) -> (Bytes, bool) {
    let mut body = BytesMut::new();
    let began = Instant::now();
    while body.len() < limits.body_bytes_max {
        let left = limits.body.saturating_sub(began.elapsed());
        match timeout(left, incoming.data()).await {
            Ok(Some(Ok(data))) => {
                // The window is as large as the limit; not giving capacity back would only stall.
                let _ = incoming.flow_control().release_capacity(data.len());
                body.extend_from_slice(&data);
            }
            Ok(None) => return (body.freeze(), false),
            Ok(Some(Err(_))) | Err(_) => break,
        }
    }
    body.truncate(limits.body_bytes_max);
    (body.freeze(), true)
}

/// Names what ended a stream or a connection, by its registered code (RFC 9113 section 7).
pub(crate) fn failure_of(error: &h2::Error) -> Failure {
    if let Some(inner) = error.get_io() {
        return failure::of_io(inner, Duration::ZERO);
    }
    let code = error
        .reason()
        .map_or_else(|| error.to_string(), |reason| format!("{reason:?}"));
    let who = if error.is_remote() {
        "the peer"
    } else {
        "this side"
    };
    let what = if error.is_go_away() {
        "ended the connection"
    } else if error.is_reset() {
        "reset the stream"
    } else {
        "failed"
    };
    Failure::Http2 {
        detail: format!("{who} {what}: {code}"),
    }
}

#[cfg(test)]
mod tests;
