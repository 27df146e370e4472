//! Ordinary HTTP requests, handed on so that a page and its WebSocket can live behind one gateway.
//!
//! Bodies are streamed both ways and never held; heads are bounded.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tower_service::Service;

use crate::backend::{self, BackendFailure, Upstream};
use crate::body::{self, Body};
use crate::client::Client;
use crate::config::Limits;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::stream::LegStream;

/// The connections to the upstream that carry ordinary requests; idle ones are kept for a while.
#[derive(Debug)]
pub(crate) struct Forward {
    http: HttpClient<Connector, Incoming>,
    answer: Duration,
}

impl Forward {
    /// No connection yet.
    pub(crate) fn new(upstream: &Arc<Upstream>, limits: &Limits) -> Self {
        let connector = Connector {
            upstream: upstream.clone(),
            handshake: limits.handshake_seconds.duration(),
        };
        let http = HttpClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(POOL_IDLE_MAX)
            .http1_max_buf_size(limits.header_bytes.max(HYPER_BUFFER_MIN))
            .http1_title_case_headers(true)
            .set_host(false)
            .build(connector);
        Self {
            http,
            answer: limits.answer_seconds.duration(),
        }
    }
}

/// Hands one request on and its answer back.
pub(crate) async fn handle(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
    client: &Client,
) -> Response<Body> {
    let Some(request) = for_upstream(&gateway.upstream, request, client) else {
        return body::text(StatusCode::BAD_REQUEST, "this request has no path\n");
    };
    let forward = &gateway.forward;
    let answer = Box::pin(timeout(forward.answer, forward.http.request(request))).await;
    match answer {
        Ok(Ok(answer)) => {
            gateway.metrics.forwarded("answered");
            let (mut parts, incoming) = answer.into_parts();
            backend::strip_connection(&mut parts.headers);
            // What the client is answered in is the server's own choice.
            parts.version = Version::default();
            Response::from_parts(parts, body::boxed(incoming))
        }
        Ok(Err(error)) => {
            gateway.metrics.forwarded("failed");
            if let Some(skipped) = gateway.metrics.no_backend() {
                let error = chain(&error);
                tracing::warn!(error, skipped, client = %client.address, "the upstream did not answer");
            }
            body::text(StatusCode::BAD_GATEWAY, "the upstream did not answer\n")
        }
        Err(_) => {
            gateway.metrics.forwarded("timeout");
            gateway
                .metrics
                .limit_reached(Limit::AnswerSeconds, &client.address);
            Limit::AnswerSeconds.response()
        }
    }
}

/// The request as the upstream sees it; nothing where it has no path, as `CONNECT` has none.
fn for_upstream(
    upstream: &Upstream,
    request: Request<Incoming>,
    client: &Client,
) -> Option<Request<Incoming>> {
    let (mut parts, incoming) = request.into_parts();
    let path = parts.uri.path_and_query()?.as_str();
    if parts.method == http::Method::CONNECT || !path.starts_with('/') {
        return None;
    }
    let target = upstream.target(path);
    parts.uri = format!("http://upstream.invalid{target}")
        .parse::<Uri>()
        .ok()?;
    parts.headers = upstream.policy().forwarded(&parts.headers, client);
    let host = HeaderValue::from_str(upstream.host_header(&client.host)).ok()?;
    parts.headers.insert(header::HOST, host);
    // The server in front has said 100 by itself where it was asked to.
    parts.headers.remove(header::EXPECT);
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    Some(Request::from_parts(parts, incoming))
}

/// An error and what it came from, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Dials the one upstream, whatever the address says.
#[derive(Clone, Debug)]
struct Connector {
    upstream: Arc<Upstream>,
    handshake: Duration,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Pooled>;
    type Error = BackendFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BackendFailure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BackendFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Self {
            upstream,
            handshake,
        } = self.clone();
        Box::pin(async move {
            let stream = timeout(handshake, backend::connect(&upstream)).await;
            let timed_out = |_| BackendFailure::TimedOut { after: handshake };
            Ok(TokioIo::new(Pooled(stream.map_err(timed_out)??)))
        })
    }
}

/// A connection of the pool.
struct Pooled(LegStream);

impl Connection for Pooled {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Pooled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Pooled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// How long an idle connection to the upstream is kept; below the usual limits of servers.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// Most idle connections to the upstream.
const POOL_IDLE_MAX: usize = 64;

/// The smallest buffer that hyper takes.
pub(crate) const HYPER_BUFFER_MIN: usize = 8192;
