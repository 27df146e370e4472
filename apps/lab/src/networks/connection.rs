//! One client's connection: TLS, then requests one after the other, then perhaps a WebSocket.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::hello::Hello;
use crate::request::Request;
use crate::server::accept_tls;
use crate::stream::Stream;

use super::conditions::Upgrade;
use super::exchange::{self, Next};
use super::outage::Breaker;
use super::running::Tls;
use super::shared::Shared;
use super::socket;
use super::valve::Stop;

/// Serves a connection until it ends or is cut.
pub(super) async fn serve(tcp: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let (breaker, tcp) = Breaker::of(tcp)?;
    let stopped = tokio::select! {
        biased;
        () = cut(shared.outage.clone()) => Err(Stop::Reset),
        stopped = admit(Stream::from(tcp), &shared) => stopped,
    };
    match stopped {
        Err(Stop::Reset) => breaker.cut(),
        Ok(()) | Err(Stop::Gone) => Ok(()),
    }
}

/// Waits for an outage.
async fn cut(mut outage: watch::Receiver<bool>) {
    if outage.wait_for(|is_cut| *is_cut).await.is_err() {
        // Nobody makes outages here.
        pending::<()>().await;
    }
}

async fn admit(mut client: Stream, shared: &Shared) -> Result<(), Stop> {
    if shared.conditions.is_mute_to_sockets {
        let hello = Hello::peek(&mut client).await?;
        if hello.is_some_and(|hello| !hello.alpn.iter().any(|name| name == "h2")) {
            return Ok(client.hold().await?);
        }
    }
    match (shared.tls, &shared.acceptor.0) {
        (Tls::Untouched, _) => {
            let upstream = shared.dial().await?;
            socket::pass(client, upstream, &shared.conditions).await
        }
        (_, Some(acceptor)) => {
            let client = accept_tls(client, acceptor).await?;
            requests(client, shared).await
        }
        (_, None) => requests(client, shared).await,
    }
}

/// Serves requests until one ends the connection.
async fn requests(mut client: Stream, shared: &Shared) -> Result<(), Stop> {
    let mut kept = None;
    loop {
        let head = timeout(KEPT_TIME_MAX, Request::read_at_leisure(&mut client)).await;
        let Ok(head) = head else {
            return Ok(client.finish().await?);
        };
        let Some(mut request) = head? else {
            return Ok(());
        };
        if request.wants_upgrade() {
            match shared.conditions.upgrade {
                Upgrade::Passes => {}
                Upgrade::Refused => {
                    exchange::refuse(&mut client, 403, "This site uses a forbidden protocol")
                        .await?;
                    return Ok(client.finish().await?);
                }
                Upgrade::Hung => return Ok(client.hold().await?),
                Upgrade::Stripped => strip(&mut request),
                Upgrade::HopStripped => strip_hop(&mut request),
            }
        }
        if shared.conditions.names_itself {
            request.set("Via", VIA);
        }
        let next = if is_too_long(&request, shared) {
            exchange::refuse(&mut client, 413, "Request Entity Too Large").await?
        } else {
            exchange::pass(&mut client, &mut kept, &request, shared).await?
        };
        match next {
            Next::Request => {}
            Next::Close => return Ok(client.finish().await?),
            Next::Switched(upstream) => {
                return socket::pass(client, upstream, &shared.conditions).await;
            }
        }
    }
}

fn strip(request: &mut Request) {
    for name in [
        "Upgrade",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Protocol",
    ] {
        request.remove(name);
    }
    request.set("Connection", "keep-alive");
}

/// What a proxy does that passes on no hop-by-hop header (RFC 9110 section 7.6.1): `Upgrade` is one, the rest of a
/// handshake is not.
fn strip_hop(request: &mut Request) {
    request.remove("Upgrade");
    request.set("Connection", "keep-alive");
}

/// Whether a body is stated to be longer than passes. One of unknown length is taken for too long as well, as a
/// filter does that wants to scan it.
fn is_too_long(request: &Request, shared: &Shared) -> bool {
    let Some(most) = shared.conditions.body_bytes_max else {
        return false;
    };
    let stated = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    stated.unwrap_or(0_u64) > most || request.lists("transfer-encoding", "chunked")
}

/// How a network names itself to servers (RFC 9110 section 7.6.3).
const VIA: &str = "1.1 lab-web-gateway";
/// How long a connection may wait for its next request.
const KEPT_TIME_MAX: Duration = Duration::from_mins(1);
