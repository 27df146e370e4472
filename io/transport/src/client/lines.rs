//! The HTTP connections of one attachment: HTTP/2 where it is agreed on, else as many of HTTP/1.1 as
//! requests are under way.
//!
//! It must never repeat a request by itself, and it ends its connections when it is dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dial::Dialer;
use super::failure::Failure;

/// Most connections that wait for their next request.
const IDLE_MAX: usize = 4;
/// From the request to the end of the answer's head. Long polls answer their heads late.
const HEAD: Duration = Duration::from_secs(40);

type Http1 = http1::SendRequest<Full<Bytes>>;
type Http2 = http2::SendRequest<Full<Bytes>>;

/// The connections of one attachment.
#[derive(Debug)]
pub(crate) struct Lines {
    dialer: Dialer,
    idle: Mutex<Vec<Http1>>,
    /// Held while the first connection is opened, so that HTTP/2 opens one only.
    shared: tokio::sync::Mutex<Protocol>,
    drivers: Mutex<JoinSet<()>>,
}

#[derive(Debug, Default)]
enum Protocol {
    #[default]
    Unknown,
    Http1,
    Http2(Http2),
}

enum Sender {
    Http1(Http1),
    Http2(Http2),
}

/// An answer whose body is still to be read.
pub(crate) struct Answer {
    status: u16,
    is_page: bool,
    body: Incoming,
    /// Given back when the body has been read.
    line: Option<Http1>,
    lines: Arc<Lines>,
}

impl Lines {
    pub(crate) fn new(dialer: Dialer) -> Arc<Self> {
        Arc::new(Self {
            dialer,
            idle: Mutex::default(),
            shared: tokio::sync::Mutex::default(),
            drivers: Mutex::default(),
        })
    }

    /// Posts a body of envelopes to one endpoint.
    pub(crate) async fn post(
        self: &Arc<Self>,
        endpoint: &str,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let sender = self.sender().await?;
        let request = self.request(endpoint, body, matches!(sender, Sender::Http2(_)))?;
        let cut = |error: hyper::Error| Failure::Cut(error.to_string());
        let late = |_| Failure::Silent(millis(HEAD));
        let (response, line) = match sender {
            Sender::Http1(mut line) => {
                let response = timeout(HEAD, line.send_request(request)).await;
                (response.map_err(late)?.map_err(cut)?, Some(line))
            }
            Sender::Http2(mut shared) => {
                let response = timeout(HEAD, shared.send_request(request)).await;
                (response.map_err(late)?.map_err(cut)?, None)
            }
        };
        Ok(Answer::new(response, line, self))
    }

    fn request(
        &self,
        endpoint: &str,
        body: Bytes,
        http2: bool,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let target = &self.dialer.target;
        let path = target.endpoint(endpoint);
        let mut request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, "text/plain;charset=UTF-8");
        request = if http2 {
            request.uri(format!("{}://{}{path}", target.scheme(), target.authority))
        } else {
            request.uri(path).header(header::HOST, &target.authority)
        };
        for (name, value) in self.dialer.headers() {
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| Failure::Dial(format!("the header {name} cannot be sent")))?;
            request = request.header(name, value);
        }
        request
            .body(Full::new(body))
            .map_err(|error| Failure::Dial(error.to_string()))
    }

    async fn sender(&self) -> Result<Sender, Failure> {
        while let Some(mut line) = self.take_idle() {
            if line.ready().await.is_ok() {
                return Ok(Sender::Http1(line));
            }
        }
        let mut shared = self.shared.lock().await;
        match &mut *shared {
            Protocol::Http2(sender) if !sender.is_closed() => {
                return Ok(Sender::Http2(sender.clone()));
            }
            Protocol::Http1 => drop(shared),
            protocol => {
                let sender = self.open(&["h2", "http/1.1"]).await?;
                *protocol = match &sender {
                    Sender::Http1(_) => Protocol::Http1,
                    Sender::Http2(sender) => Protocol::Http2(sender.clone()),
                };
                return Ok(sender);
            }
        }
        self.open(&["http/1.1"]).await
    }

    async fn open(&self, protocols: &[&str]) -> Result<Sender, Failure> {
        let (stream, is_http2) = self.dialer.dial(protocols).await?;
        let cut = |error: hyper::Error| Failure::Cut(error.to_string());
        let io = TokioIo::new(stream);
        if is_http2 {
            let made = http2::handshake(TokioExecutor::new(), io).await;
            let (sender, connection) = made.map_err(cut)?;
            self.drive(async {
                let _ = connection.await;
            });
            return Ok(Sender::Http2(sender));
        }
        let (sender, connection) = http1::handshake(io).await.map_err(cut)?;
        self.drive(async {
            let _ = connection.await;
        });
        Ok(Sender::Http1(sender))
    }

    /// Runs a connection; what became of it is seen by its requests.
    fn drive(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let mut drivers = self.drivers.lock().unwrap_or_else(PoisonError::into_inner);
        while drivers.try_join_next().is_some() {}
        drivers.spawn(connection);
    }

    fn take_idle(&self) -> Option<Http1> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|line| !line.is_closed());
        idle.pop()
    }

    fn give_back(&self, line: Http1) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && !line.is_closed() {
            idle.push(line);
        }
    }
}

impl Answer {
    fn new(response: Response<Incoming>, line: Option<Http1>, lines: &Arc<Lines>) -> Self {
        Self {
            status: response.status().as_u16(),
            is_page: is_page(&response),
            body: response.into_body(),
            line,
            lines: Arc::clone(lines),
        }
    }

    /// Whether the gateway may have said this: everything it understood has status 200, and it never
    /// sends a page, as a login portal does in its place.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.status != 200 {
            return Err(Failure::Status(self.status));
        }
        if self.is_page {
            return Err(Failure::Malformed("a page".to_owned()));
        }
        Ok(())
    }

    /// The next bytes of the body, `None` at its proper end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => return Err(Failure::Cut(error.to_string())),
                None => {
                    if let Some(line) = self.line.take() {
                        self.lines.give_back(line);
                    }
                    return Ok(None);
                }
            }
        }
    }
}

fn is_page(response: &Response<Incoming>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html"))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
