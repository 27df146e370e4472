//! One client connection, from accept to its end: PROXY protocol, TLS, HTTP.
//!
//! It must never let a client hold it without a deadline before a request is complete.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::header;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsStream;
use towpath_diagnosis::observation::ClientHello;

use crate::admit::count::Permit;
use crate::body::Body;
use crate::client::Client;
use crate::forward::HYPER_BUFFER_MIN;
use crate::forwarded::{self, Peer};
use crate::gateway::Gateway;
use crate::guarded::{self, Guarded};
use crate::limits::Limit;
use crate::machine;
use crate::proxy_protocol;
use crate::route;
use crate::stream::LegStream;

mod secure;

/// Serves a connection to its end.
pub(crate) async fn serve(gateway: Arc<Gateway>, stream: TcpStream, peer: SocketAddr) {
    let limit = gateway.settings.limits.head_seconds.duration();
    let entered = match timeout(limit, Box::pin(enter(&gateway, stream, peer))).await {
        Ok(Ok(Some(entered))) => entered,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => {
            tracing::debug!(%error, peer = %peer.ip(), "connection ended before a request");
            return;
        }
        Err(_) => {
            gateway
                .metrics
                .limit_reached(Limit::HeadSeconds, &peer.ip());
            return;
        }
    };
    gateway.metrics.connections.inc();
    let address = entered.peer.address;
    let served = http(gateway.clone(), entered).await;
    gateway.metrics.connections.dec();
    if let Err(error) = served {
        if error.is_timeout() {
            gateway.metrics.limit_reached(Limit::HeadSeconds, &address);
        } else if guarded::is_stalled(&error) {
            let limit = Limit::SlowReaderSeconds;
            gateway.metrics.limit_reached(limit, &address);
        } else {
            tracing::debug!(%error, peer = %address, "HTTP connection ended");
        }
    }
}

/// What was seen of a connection's TLS; nothing without it.
#[derive(Clone, Default)]
struct Handshake {
    hello: Option<Arc<ClientHello>>,
    round_trip_us: Option<u32>,
}

/// A connection on which requests may come.
struct Entered {
    stream: LegStream,
    peer: Peer,
    handshake: Handshake,
    http2: bool,
    permit: Arc<Permit>,
}

/// PROXY protocol, the limits on connections, TLS. Nothing where a limit is reached, which is told.
async fn enter(
    gateway: &Arc<Gateway>,
    mut stream: TcpStream,
    from: SocketAddr,
) -> io::Result<Option<Entered>> {
    machine::tune(&stream)?;
    let network = &gateway.settings.network;
    let mut address = from.ip();
    if network.proxy_protocol {
        let mut trusted = network.proxy_protocol_from.iter();
        if !trusted.any(|network| network.contains(address)) {
            return Err(io::Error::other(
                "PROXY protocol from an address that is not trusted",
            ));
        }
        if let Some(source) = proxy_protocol::read(&mut stream).await? {
            address = source.ip();
        }
    }
    let counted = Client::direct(address, false, "").counted_address();
    let permit = match gateway.connections.admit(counted) {
        Ok(permit) => Arc::new(permit),
        Err(limit) => {
            gateway.metrics.limit_reached(limit, &address);
            return Ok(None);
        }
    };
    gateway.metrics.connections_total.inc();
    let certificates = gateway.certificates_of(&stream);
    let secure = certificates.is_some();
    let peer = Peer { address, secure };
    let (stream, http2, handshake) = if let Some(certificates) = certificates {
        let accepted = secure::accept(certificates.current(), stream).await?;
        let http2 = accepted.stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let handshake = Handshake {
            hello: accepted.hello.map(|hello| gateway.observer.share(hello)),
            round_trip_us: accepted.round_trip_us,
        };
        let stream = TlsStream::Server(accepted.stream);
        (LegStream::tls(stream), http2, handshake)
    } else {
        let http2 = begins_http2(&stream).await?;
        (LegStream::plain(stream), http2, Handshake::default())
    };
    Ok(Some(Entered {
        stream,
        peer,
        handshake,
        http2,
        permit,
    }))
}

/// Whether the client begins with the preface of HTTP/2 (RFC 9113 section 3.4). Nothing is consumed.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; PREFACE.len()];
    loop {
        let have = stream.peek(&mut start).await?;
        if have == 0 || start[..have] != PREFACE[..have] {
            return Ok(false);
        }
        if have == PREFACE.len() {
            return Ok(true);
        }
        // A preface in pieces is rare, and a peek does not wait for more than is there.
        sleep(PREFACE_PAUSE).await;
    }
}

/// Serves requests until the connection ends, switches to WebSocket, or the gateway drains.
async fn http(gateway: Arc<Gateway>, entered: Entered) -> Result<(), hyper::Error> {
    let Entered {
        stream,
        peer,
        handshake,
        http2,
        permit,
    } = entered;
    let limits = &gateway.settings.limits;
    let io = TokioIo::new(Guarded::new(stream, limits.slow_reader_seconds.duration()));
    let shared = gateway.clone();
    let (counted, started) = (permit.clone(), Arc::new(AtomicUsize::new(0)));
    let starts = started.clone();
    let service = service_fn(move |request| {
        starts.fetch_add(1, Ordering::Relaxed);
        let from = (peer, handshake.clone());
        answer(shared.clone(), request, from, permit.clone())
    });
    if http2 {
        return serve_http2(&gateway, io, service, &counted, &started).await;
    }
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_seconds.duration())
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(HYPER_BUFFER_MIN))
        .title_case_headers(true);
    let mut connection = Box::pin(server.serve_connection(io, service).with_upgrades());
    tokio::select! {
        served = connection.as_mut() => return served,
        () = gateway.drain.begun() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

/// The same over HTTP/2, where the server has no deadline of its own: a connection on which nothing was
/// asked for a while, and nothing is under way, ends.
async fn serve_http2<S>(
    gateway: &Gateway,
    io: TokioIo<Guarded>,
    service: S,
    counted: &Arc<Permit>,
    started: &AtomicUsize,
) -> Result<(), hyper::Error>
where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible> + Send,
    S::Future: Send + 'static,
{
    let limits = &gateway.settings.limits;
    let patience = limits.head_seconds.duration();
    let mut server = http2::Builder::new(TokioExecutor::new());
    server
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING)
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .enable_connect_protocol();
    let mut connection = Box::pin(server.serve_connection(io, service));
    let mut seen = 0;
    loop {
        tokio::select! {
            served = connection.as_mut() => return served,
            () = gateway.drain.begun() => break,
            () = sleep(patience) => {}
        }
        let now = started.load(Ordering::Relaxed);
        // One of them is the service's, one this function's caller's; each request holds another.
        if now == seen && Arc::strong_count(counted) <= 2 {
            if now == 0 {
                let limit = Limit::HeadSeconds;
                gateway
                    .metrics
                    .limit_reached(limit, &"an HTTP/2 connection");
            }
            break;
        }
        seen = now;
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

async fn answer(
    gateway: Arc<Gateway>,
    request: Request<Incoming>,
    (peer, handshake): (Peer, Handshake),
    permit: Arc<Permit>,
) -> Result<Response<Body>, Infallible> {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let named = request.headers().get(header::HOST);
    let host = authority.or_else(|| named.and_then(|host| host.to_str().ok()));
    let network = &gateway.settings.network;
    let mut client = forwarded::client(network, peer, request.headers(), host.unwrap_or_default());
    client.hello = handshake.hello;
    client.round_trip_us = handshake.round_trip_us;
    Ok(route::handle(&gateway, request, client, permit).await)
}

/// No method of HTTP/1 is `PRI`.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Between two looks at an incomplete preface.
const PREFACE_PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// How often an HTTP/2 peer that is silent is asked whether it is still there.
const HTTP2_PING: std::time::Duration = std::time::Duration::from_secs(30);

/// Most requests at a time on one HTTP/2 connection.
const HTTP2_STREAMS_MAX: u32 = 256;
