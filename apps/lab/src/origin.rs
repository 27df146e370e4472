//! The healthy web server around the lab's WebSocket: a page at `/`, 426 where only a WebSocket is served.
//!
//! Clients send plain requests to compare with; every stand-in answers them here, so that only the
//! fault itself differs. Nothing here may be faulty.

use std::io;

use tokio::io::{AsyncReadExt, sink};

use crate::answer::Answer;
use crate::echo;
use crate::request::Request;
use crate::stream::Stream;

/// Serves plain requests and returns the first that asks for a WebSocket. `None` when the peer left.
pub(crate) async fn next_upgrade(stream: &mut Stream) -> io::Result<Option<Request>> {
    while let Some(request) = Request::read(stream).await? {
        if request.wants_upgrade() {
            return Ok(Some(request));
        }
        skip_body(stream, &request).await?;
        page(&request).write(stream).await?;
        if request.version == "HTTP/1.0" || request.lists("connection", "close") {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The whole healthy server: pages, refusals of bad handshakes, echo.
pub(crate) async fn serve(mut stream: Stream) -> io::Result<()> {
    while let Some(request) = next_upgrade(&mut stream).await? {
        if request.is_handshake() {
            return echo::serve(stream, &request).await;
        }
        bad_handshake(&request).write(&mut stream).await?;
    }
    stream.finish().await
}

/// What the healthy server answers to a request that does not ask for a WebSocket.
pub(crate) fn page(request: &Request) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    match path {
        "/" => Answer::new(200).dated().html(PAGE),
        "/socket" if request.header("upgrade").is_some() => bad_handshake(request),
        "/socket" => Answer::new(426)
            .dated()
            .header("Upgrade", "websocket")
            .header("Connection", "Upgrade")
            .text("Upgrade Required"),
        _ => Answer::new(404).dated().text("Not Found"),
    }
}

/// What the healthy server answers to a handshake that it must not accept, in the words of aiohttp, which
/// quotes what arrived.
pub(crate) fn bad_handshake(request: &Request) -> Answer {
    let quoted = |name| request.header(name).unwrap_or("None");
    let complaint = if !request.wants_upgrade() {
        let upgrade = quoted("upgrade");
        format!("No WebSocket UPGRADE hdr: {upgrade}\n Can \"Upgrade\" only to \"WebSocket\".")
    } else if !request.lists("connection", "upgrade") {
        format!("No CONNECTION upgrade hdr: {}", quoted("connection"))
    } else if request.header("sec-websocket-version") != Some("13") {
        let version = quoted("sec-websocket-version");
        return Answer::new(426)
            .dated()
            .header("Sec-WebSocket-Version", "13")
            .text(&format!("Unsupported version: {version}"));
    } else {
        format!("Handshake error: {}", quoted("sec-websocket-key"))
    };
    Answer::new(400).dated().text(&complaint)
}

/// Reads and drops the body of a request that states its length.
async fn skip_body(stream: &mut Stream, request: &Request) -> io::Result<()> {
    let length: u64 = request
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    if length > BODY_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the body is too long",
        ));
    }
    tokio::io::copy(&mut stream.take(length), &mut sink()).await?;
    Ok(())
}

/// The page at `/`.
const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Towpath lab</title><p>A page beside a WebSocket.</p></html>\n";
/// The longest request body that is read and dropped.
const BODY_BYTES_MAX: u64 = 1 << 20;
