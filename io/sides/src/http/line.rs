//! One HTTP/1.1 connection and the bytes of one request. It must never reuse a connection whose answer was not read to its end.

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderName, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use towpath_diagnosis::observation::{Failed, Scheme, Stage, TlsVariation};
use towpath_diagnosis::words;
use towpath_net::{Names, Plan, TlsPlan};
use towpath_probe::ProxyChoice;
use url::{Host, Url};

use super::{Answer, HttpError, HttpRequest};

/// What this program calls itself.
const USER_AGENT: &str = concat!("towpath/", env!("CARGO_PKG_VERSION"));

/// Most bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A request as the connection takes it.
pub(super) type Wire = Request<Full<Bytes>>;

/// Where to connect.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    is_secure: bool,
    host: String,
    port: u16,
    /// For `Host`.
    authority: String,
}

impl Server {
    pub(super) fn of(url: &Url) -> Result<Self, HttpError> {
        let unusable = |why: &str| HttpError::Unusable(why.to_owned());
        let (is_secure, usual) = match url.scheme() {
            "http" => (false, 80),
            "https" => (true, 443),
            _ => return Err(unusable("its address is neither http nor https")),
        };
        let host = url
            .host()
            .ok_or_else(|| unusable("its address names no host"))?;
        let shown = host.to_string();
        let port = url.port().unwrap_or(usual);
        Ok(Self {
            is_secure,
            authority: if port == usual {
                shown
            } else {
                format!("{shown}:{port}")
            },
            host: match host {
                Host::Domain(name) => name.to_owned(),
                Host::Ipv4(address) => address.to_string(),
                Host::Ipv6(address) => address.to_string(),
            },
            port,
        })
    }
}

/// The request with what HTTP/1.1 needs (RFC 9112 section 3).
pub(super) fn wire(request: &HttpRequest, server: &Server) -> Result<Wire, HttpError> {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut wire = Request::builder()
        .method(request.method.clone())
        .uri(target)
        .header(header::HOST, &server.authority);
    let named = |name: &str| {
        let mut names = request.headers.iter();
        names.any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    if !named("user-agent") {
        wire = wire.header(header::USER_AGENT, USER_AGENT);
    }
    for (name, value) in &request.headers {
        // The value may be a secret, so that it is not shown.
        let unusable = || HttpError::Unusable(format!("the header {name} cannot be sent"));
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable())?;
        let value = HeaderValue::from_str(value).map_err(|_| unusable())?;
        wire = wire.header(known, value);
    }
    wire.body(Full::new(request.body.clone()))
        .map_err(|_| HttpError::Unusable("its address cannot be asked for".to_owned()))
}

/// What became of a request on one connection.
pub(super) enum Sent {
    /// It was answered, or failed.
    Done(Result<Answer, HttpError>),
    /// Nothing of it was written.
    Back(Wire),
}

/// One connection.
pub(super) struct Line {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    pub(super) async fn open(
        net: &towpath_net::Settings,
        proxy: &ProxyChoice,
        server: &Server,
    ) -> Result<Self, HttpError> {
        let scheme = if server.is_secure {
            Scheme::Wss
        } else {
            Scheme::Ws
        };
        let proxy = proxy.server(scheme, &server.host, server.port);
        let by_proxy = proxy.is_some();
        let plan = Plan {
            host: server.host.clone(),
            port: server.port,
            address: None,
            proxy,
            tls: server
                .is_secure
                .then(|| TlsPlan::of(TlsVariation::Ordinary)),
        };
        let opened = towpath_net::open(net, &mut Names::default(), &plan, &mut ()).await;
        let opened =
            opened.map_err(|not| HttpError::NotSent(not_reached(&not.failed, by_proxy)))?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(opened.stream))
            .await
            .map_err(|error| HttpError::NotSent(error.to_string()))?;
        // What became of it is seen by its requests.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { sender })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a request and reads all of the answer.
    pub(super) async fn exchange(&mut self, wire: Wire, answer_bytes_max: usize) -> Sent {
        match self.respond(wire).await {
            Ok(response) => Sent::Done(whole(response, answer_bytes_max).await),
            Err(sent) => sent,
        }
    }

    /// Sends a request and reads the head of the answer.
    pub(super) async fn respond(&mut self, wire: Wire) -> Result<Response<Incoming>, Sent> {
        if self.sender.ready().await.is_err() {
            return Err(Sent::Back(wire));
        }
        match self.sender.try_send_request(wire).await {
            Ok(response) => Ok(response),
            Err(mut error) => Err(match error.take_message() {
                Some(wire) => Sent::Back(wire),
                None => Sent::Done(Err(unanswered(error.error()))),
            }),
        }
    }
}

/// Reads an answer to its end.
pub(super) async fn whole(
    response: Response<Incoming>,
    bytes_max: usize,
) -> Result<Answer, HttpError> {
    let (head, mut body) = response.into_parts();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| unanswered(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if all.len() + data.len() > bytes_max {
            return Err(HttpError::TooLarge {
                limit_bytes: bytes_max,
            });
        }
        all.extend_from_slice(&data);
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: all.freeze(),
    })
}

pub(super) fn unanswered(error: &hyper::Error) -> HttpError {
    HttpError::Unanswered(if error.is_incomplete_message() {
        "the server ended the connection before it answered".to_owned()
    } else {
        format!("there was no whole answer: {error}")
    })
}

fn not_reached(failed: &Failed, by_proxy: bool) -> String {
    let what = match (failed.stage, by_proxy) {
        (Stage::Resolve, false) => "the name was not found",
        (Stage::Connect, false) => "no connection",
        (Stage::Resolve | Stage::Connect, true) => "no connection to the proxy",
        (Stage::Tunnel, _) => "the proxy opened no tunnel",
        (Stage::Tls, _) => "no TLS",
        (Stage::Http, _) => "no answer",
    };
    format!("{what}: {}", words::failure(&failed.failure))
}
