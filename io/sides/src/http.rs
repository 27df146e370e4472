//! A small HTTP client for the sides that need one: one request, one answer, both bounded.
//!
//! It dials by the code that diagnoses (name, proxy, TLS, trust) and keeps a connection for the next request to the same server. It must
//! never follow a redirect, since that would carry a secret to somebody else; never send a request twice that may have arrived; and
//! never put an address into an error, since the address of a webhook is a secret.

mod answer;
mod error;
mod idle;
mod line;
mod lines;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::time::timeout;
use towpath_probe::ProxyChoice;
use url::Url;

pub use answer::Answer;
pub use error::HttpError;

pub(crate) use lines::Lines;

use idle::Idle;
use line::{Line, Sent, Server, Wire};

/// How far the client goes.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// From the request's first byte to the answer's last. Longer holds back what waits behind it; shorter makes slow answers uncertain.
    pub exchange: Duration,
    /// Most bytes of a request's body.
    pub request_bytes_max: usize,
    /// Most bytes of an answer's body. A longer answer is an error.
    pub answer_bytes_max: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            exchange: Duration::from_secs(20),
            request_bytes_max: 1 << 20,
            answer_bytes_max: 1 << 20,
        }
    }
}

/// One request.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to, `http` or `https`.
    pub url: Url,
    /// Header lines in order; `Host`, `Content-Length` and, where none is given, `User-Agent` are added.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Bytes,
}

impl HttpRequest {
    /// A request without a body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The same with one more header line.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body of JSON.
    #[must_use]
    pub fn with_json(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.with_header("Content-Type", "application/json")
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, host) = (&self.method, self.url.host_str().unwrap_or_default());
        write!(f, "HttpRequest({method} {host}, {} bytes)", self.body.len())
    }
}

/// The client. A clone shares its connections.
#[derive(Clone)]
pub struct Http {
    inner: Arc<Inner>,
}

struct Inner {
    net: towpath_net::Settings,
    proxy: ProxyChoice,
    idle: Idle,
}

impl Http {
    /// A client that dials with these settings. Nothing is dialled before the first request.
    pub fn new(net: towpath_net::Settings, proxy: ProxyChoice) -> Self {
        Self {
            inner: Arc::new(Inner {
                net,
                proxy,
                idle: Idle::default(),
            }),
        }
    }

    /// Sends one request and reads the whole answer, whatever its status. Dropping the future gives up.
    pub async fn request(
        &self,
        request: HttpRequest,
        limits: &HttpLimits,
    ) -> Result<Answer, HttpError> {
        if request.body.len() > limits.request_bytes_max {
            return Err(HttpError::Unusable(format!(
                "the request has {} bytes, more than the {} allowed",
                request.body.len(),
                limits.request_bytes_max
            )));
        }
        let server = Server::of(&request.url)?;
        let mut wire = line::wire(&request, &server)?;
        while let Some(mut kept) = self.inner.idle.take(&server) {
            // A connection that ended while nobody used it takes nothing, and gives the request back.
            match exchange(&mut kept, wire, limits).await {
                Sent::Done(done) => {
                    self.keep(server, kept, &done);
                    return done;
                }
                Sent::Back(back) => wire = back,
            }
        }
        let mut fresh = Line::open(&self.inner.net, &self.inner.proxy, &server).await?;
        let done = match exchange(&mut fresh, wire, limits).await {
            Sent::Done(done) => done,
            Sent::Back(_) => Err(HttpError::NotSent(
                "the server ended the connection before it was asked".to_owned(),
            )),
        };
        self.keep(server, fresh, &done);
        done
    }

    /// Sends one request on a connection of its own, and gives the answer line by line where its status is of the 200s; else whole.
    pub(crate) async fn lines(
        &self,
        request: &HttpRequest,
        limits: &HttpLimits,
    ) -> Result<Result<Lines, Answer>, HttpError> {
        let server = Server::of(&request.url)?;
        let wire = line::wire(request, &server)?;
        let mut line = Line::open(&self.inner.net, &self.inner.proxy, &server).await?;
        let late = || HttpError::Unanswered("there was no answer in time".to_owned());
        let response = timeout(limits.exchange, line.respond(wire)).await;
        let response = match response.map_err(|_| late())? {
            Ok(response) => response,
            Err(Sent::Done(Err(error))) => return Err(error),
            Err(_) => return Err(late()),
        };
        if response.status().is_success() {
            let body = response.into_body();
            return Ok(Ok(Lines::new(line, body, limits.answer_bytes_max)));
        }
        let whole = line::whole(response, limits.answer_bytes_max);
        let whole = timeout(limits.exchange, whole).await;
        Ok(Err(whole.map_err(|_| late())??))
    }

    /// Keeps a connection on which everything went well.
    fn keep(&self, server: Server, line: Line, done: &Result<Answer, HttpError>) {
        if done.is_ok() {
            self.inner.idle.put(server, line);
        }
    }
}

async fn exchange(line: &mut Line, wire: Wire, limits: &HttpLimits) -> Sent {
    let exchange = line.exchange(wire, limits.answer_bytes_max);
    timeout(limits.exchange, exchange)
        .await
        .unwrap_or_else(|_| {
            let waited = limits.exchange.as_millis();
            let late = format!("there was no whole answer within {waited} ms");
            Sent::Done(Err(HttpError::Unanswered(late)))
        })
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

#[cfg(test)]
mod tests;
