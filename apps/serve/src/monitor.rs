//! The listener that Prometheus and health checks ask, apart from the clients'.
//!
//! It must never answer anything about clients but numbers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::body::{self, Body};
use crate::gateway::Gateway;
use crate::route;

/// Answers until the task is ended.
pub(crate) async fn serve(gateway: Arc<Gateway>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = respond(&gateway, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(HEAD);
            let served = server.serve_connection(TokioIo::new(stream), service).await;
            if let Err(error) = served {
                tracing::debug!(%error, "metrics connection ended");
            }
            drop(place);
        });
    }
}

fn respond(gateway: &Gateway, request: &Request<Incoming>) -> Response<Body> {
    let path = request.uri().path();
    if path == gateway.settings.metrics.path {
        let mut response = body::text(StatusCode::OK, gateway.metrics.text());
        let kind = HeaderValue::from_static(OPEN_METRICS);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        return response;
    }
    if path == "/health" {
        return route::health(gateway);
    }
    body::text(StatusCode::NOT_FOUND, "metrics and health only\n")
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Most connections at a time.
const CONNECTIONS_MAX: usize = 32;

/// For a request's head, and for the next request.
const HEAD: Duration = Duration::from_secs(30);

/// After an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
