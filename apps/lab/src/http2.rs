//! HTTP/2 servers for the lab: plain pages, and WebSocket by extended CONNECT (RFC 8441), accepted or refused.
//!
//! Framing is the `h2` crate's, so nothing here can be wrong below the level of a status.

use std::future::poll_fn;
use std::io;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{Method, Request, Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinSet;

use crate::echo;
use crate::stream::Stream;

/// What becomes of a WebSocket over HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtendedConnect {
    /// The setting is not sent, so clients must not try.
    NotAdvertised,
    /// The setting is sent, and each attempt gets 502.
    Refused,
    /// It works: every message comes back.
    Echoed,
}

/// Serves one connection until the peer leaves.
pub(crate) async fn serve(stream: Stream, policy: ExtendedConnect) -> io::Result<()> {
    let mut builder = h2::server::Builder::new();
    builder.max_concurrent_streams(STREAMS_MAX);
    if policy != ExtendedConnect::NotAdvertised {
        builder.enable_connect_protocol();
    }
    let mut connection = builder
        .handshake::<_, Bytes>(stream)
        .await
        .map_err(io::Error::other)?;
    // Dropped with this function, and with it every echo.
    let mut echoes = JoinSet::new();
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted.map_err(io::Error::other)?;
        let wants_socket = request.method() == Method::CONNECT
            && request.extensions().get::<h2::ext::Protocol>().is_some();
        match policy {
            ExtendedConnect::Echoed if wants_socket => {
                echoes.spawn(accept(request, respond));
            }
            _ if wants_socket => refuse(respond, StatusCode::BAD_GATEWAY)?,
            _ if request.uri().path() == "/" => refuse(respond, StatusCode::OK)?,
            _ => refuse(respond, StatusCode::NOT_FOUND)?,
        }
    }
    Ok(())
}

fn refuse(mut respond: SendResponse<Bytes>, status: StatusCode) -> io::Result<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    respond
        .send_response(response, true)
        .map_err(io::Error::other)?;
    Ok(())
}

/// Answers 200 and echoes on the stream.
async fn accept(request: Request<RecvStream>, mut respond: SendResponse<Bytes>) -> io::Result<()> {
    let mut response = Response::new(());
    let offered = request
        .headers()
        .get("sec-websocket-protocol")
        .and_then(|value| value.to_str().ok());
    let first = offered
        .and_then(|list| list.split(',').next())
        .map(str::trim);
    if let Some(chosen) = first.and_then(|name| name.parse().ok()) {
        response
            .headers_mut()
            .insert("sec-websocket-protocol", chosen);
    }
    let send = respond
        .send_response(response, false)
        .map_err(io::Error::other)?;
    let (near, far) = duplex(PIPE_BYTES);
    let (echoed, pumped) =
        tokio::join!(echo::run(far.into()), pump(near, request.into_body(), send));
    echoed.and(pumped)
}

/// Carries bytes between the HTTP/2 stream and the echo.
async fn pump(
    mut near: DuplexStream,
    mut body: RecvStream,
    mut send: SendStream<Bytes>,
) -> io::Result<()> {
    let mut piece = vec![0; PIPE_BYTES];
    loop {
        tokio::select! {
            data = body.data() => {
                let Some(data) = data else { return Ok(()) };
                let data = data.map_err(io::Error::other)?;
                near.write_all(&data).await?;
                body.flow_control().release_capacity(data.len()).map_err(io::Error::other)?;
            }
            read = near.read(&mut piece) => {
                let count = read?;
                if count == 0 {
                    return send.send_data(Bytes::new(), true).map_err(io::Error::other);
                }
                send_all(&mut send, &piece[..count]).await?;
            }
        }
    }
}

/// Sends bytes as fast as the peer's window opens.
async fn send_all(send: &mut SendStream<Bytes>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        send.reserve_capacity(bytes.len());
        let Some(granted) = poll_fn(|context| send.poll_capacity(context)).await else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let count = granted.map_err(io::Error::other)?.min(bytes.len());
        send.send_data(Bytes::copy_from_slice(&bytes[..count]), false)
            .map_err(io::Error::other)?;
        bytes = &bytes[count..];
    }
    Ok(())
}

/// What the pipe to the echo holds before its writer waits.
const PIPE_BYTES: usize = 16 << 10;
/// The most streams one client may have open.
const STREAMS_MAX: u32 = 32;
