//! Live updates: a WebSocket of the console's own, behind the gateway in front of it.
//!
//! What is new is gathered and sent once a beat, as one text message. It must never hold more than a beat's worth,
//! nor go on when its login is over.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use towpath_websocket::accept_key;

use super::{Console, door};
use crate::body::{self, Body};
use crate::upgrade;

mod socket;
mod update;

/// Answers the gateway in front, until the task is ended.
pub(super) async fn serve(console: Arc<Console>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let Ok((stream, peer)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let console = console.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = respond(&console, request, peer);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(HEAD);
            let serving = server.serve_connection(TokioIo::new(stream), service);
            let served = serving.with_upgrades().await;
            if let Err(error) = served {
                tracing::debug!(%error, "connection for live updates ended");
            }
            drop(place);
        });
    }
}

/// Opens a WebSocket. Any program of this machine reaches this listener, so that the login is asked for again.
fn respond(
    console: &Arc<Console>,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Response<Body> {
    if door::authorize(console, request.headers(), peer.ip()).is_err() {
        return body::text(StatusCode::UNAUTHORIZED, "the token is needed\n");
    }
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY);
    let Some(key) = key.and_then(|key| key.to_str().ok()).map(accept_key) else {
        return body::text(StatusCode::UPGRADE_REQUIRED, "a WebSocket is needed here\n");
    };
    if !upgrade::is_websocket(&request) {
        return body::text(StatusCode::UPGRADE_REQUIRED, "a WebSocket is needed here\n");
    }
    let upgraded = hyper::upgrade::on(&mut request);
    let mut headers = request.headers().clone();
    if console.logins.holds(&headers) {
        // Who was let in by a login leaves with it, whatever else was shown.
        headers.remove(header::AUTHORIZATION);
    }
    let console = Arc::clone(console);
    tokio::spawn(async move {
        if let Ok(Ok(stream)) = timeout(HEAD, upgraded).await {
            socket::run(&console, &headers, TokioIo::new(stream)).await;
        }
    });
    switch(&key)
}

fn switch(accept: &str) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accept = HeaderValue::from_str(accept).expect("base64 is plain text");
    *response.headers_mut() = HeaderMap::from_iter([
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ]);
    response
}

/// Handshakes at a time. What has opened is bounded by the sessions of the gateway in front.
const HANDSHAKES_MAX: usize = 64;

/// For a request's head, and for a switch.
const HEAD: Duration = Duration::from_secs(30);

/// After an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
