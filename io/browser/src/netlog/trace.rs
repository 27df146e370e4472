//! What the log says about one WebSocket request, from its sources: request, jobs, session, sockets.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::headers::{from_lines, response_from_wire, status_line};
use crate::netlog::KEY_HEADER;
use crate::netlog::event::LogEvent;
use crate::record::{
    ConnectionFacts, HandshakeRequest, HandshakeResponse, HandshakeVersion, HeaderOrder,
    SocketCapture, TlsFacts,
};
use crate::recorder::PAYLOAD_PREFIX_BYTES;

/// The facts of one request as they come together.
pub(crate) struct Trace {
    pub(crate) url: String,
    root: i64,
    sources: HashSet<i64>,
    request: Option<HandshakeRequest>,
    response: Option<HandshakeResponse>,
    net_error: Option<String>,
    proxy: Option<String>,
    reused: bool,
    /// The request's own stream on an HTTP/2 session.
    stream: Option<u64>,
    /// The socket that the request was given; before that, any of those tried.
    bound_socket: Option<i64>,
    sockets: BTreeMap<i64, TracedSocket>,
    issued_by_known_root: Option<bool>,
}

/// One TCP connection, with what came over it after the request.
#[derive(Default)]
struct TracedSocket {
    address: Option<String>,
    proxy_answer: Vec<String>,
    tls: Option<TlsFacts>,
    received: Vec<u8>,
    received_in_tls: Vec<u8>,
}

impl Trace {
    pub(crate) fn new(
        root: i64,
        url: String,
        sources: HashSet<i64>,
        issued_by_known_root: Option<bool>,
    ) -> Self {
        Self {
            url,
            root,
            sources,
            request: None,
            response: None,
            net_error: None,
            proxy: None,
            reused: false,
            stream: None,
            bound_socket: None,
            sockets: BTreeMap::new(),
            issued_by_known_root,
        }
    }

    pub(crate) fn sources(&self) -> &HashSet<i64> {
        &self.sources
    }

    /// The handshake's key, if the request was sent over HTTP/1.1.
    pub(crate) fn key(&self) -> Option<&str> {
        self.request.as_ref()?.header(KEY_HEADER)
    }

    pub(crate) fn observe(&mut self, event: &LogEvent) {
        match event.source_kind.as_str() {
            "SOCKET" => {
                let sent = self.request.is_some();
                self.sockets
                    .entry(event.source)
                    .or_default()
                    .observe(event, sent);
            }
            "HTTP2_SESSION" => self.observe_session(event),
            _ if event.source == self.root => self.observe_request(event),
            _ => self.observe_job(event),
        }
    }

    fn observe_request(&mut self, event: &LogEvent) {
        match event.kind.as_str() {
            "HTTP_TRANSACTION_SEND_REQUEST_HEADERS" => self.sent(event, HandshakeVersion::Http1),
            "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS" => {
                self.sent(event, HandshakeVersion::Http2);
            }
            "HTTP_TRANSACTION_READ_RESPONSE_HEADERS" => self.response = response_from_log(event),
            "REQUEST_ALIVE" if event.ends => {
                self.net_error = event.params["net_error"].as_str().map(str::to_owned);
            }
            _ => {}
        }
    }

    fn sent(&mut self, event: &LogEvent, version: HandshakeVersion) {
        self.request = Some(HandshakeRequest {
            headers: from_lines(lines(event)),
            order: HeaderOrder::Wire,
            version,
        });
    }

    fn observe_job(&mut self, event: &LogEvent) {
        match event.kind.as_str() {
            "SOCKET_POOL_BOUND_TO_SOCKET" => {
                self.bound_socket = event.params["source_dependency"]["id"].as_i64();
            }
            "SOCKET_POOL_REUSED_AN_EXISTING_SOCKET"
            | "HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION" => self.reused = true,
            "HTTP_STREAM_JOB_CONTROLLER_PROXY_SERVER_RESOLVED" => {
                let chain = event.params["proxy_chain"]
                    .as_str()
                    .filter(|chain| !chain.contains("direct://"));
                self.proxy = chain.map(str::to_owned);
            }
            _ => {}
        }
    }

    fn observe_session(&mut self, event: &LogEvent) {
        let stream = event.params["stream_id"].as_u64();
        match event.kind.as_str() {
            "HTTP2_SESSION_SEND_HEADERS" if self.request.is_some() && self.stream.is_none() => {
                self.stream = stream;
            }
            "HTTP2_SESSION_RECV_HEADERS"
                if stream.is_some() && stream == self.stream && self.response.is_none() =>
            {
                self.response = response_from_log(event);
            }
            _ => {}
        }
    }

    /// Adds what this trace knows to the record.
    pub(crate) fn complete(mut self, record: &mut SocketCapture) {
        if let Some(request) = self.request.take() {
            let over_http1 = request.version == HandshakeVersion::Http1;
            record.request = Some(request);
            let told = self.response.take();
            let socket = self.socket();
            let on_wire = socket
                .filter(|_| over_http1)
                .map_or(&[][..], TracedSocket::answer);
            let parsed = response_from_wire(on_wire, PAYLOAD_PREFIX_BYTES).or(told);
            let unparsed = if parsed.is_none() { on_wire } else { &[] };
            let unparsed = unparsed[..unparsed.len().min(PAYLOAD_PREFIX_BYTES)].to_vec();
            record.connection = Some(self.connection(unparsed));
            if record.response.is_none() {
                record.response = parsed;
            }
        } else {
            record.connection = Some(self.connection(Vec::new()));
        }
        if !record.accepted() {
            record.net_error = self.net_error;
        }
    }

    fn socket(&self) -> Option<&TracedSocket> {
        match self.bound_socket.and_then(|bound| self.sockets.get(&bound)) {
            Some(socket) => Some(socket),
            // Not bound: an HTTP/2 session's socket, or the last one tried.
            None => self.sockets.values().next_back(),
        }
    }

    fn connection(&self, unparsed_answer: Vec<u8>) -> ConnectionFacts {
        let socket = self.socket();
        let tls = socket.and_then(|socket| socket.tls.clone());
        ConnectionFacts {
            remote_address: socket.and_then(|socket| socket.address.as_deref()?.parse().ok()),
            proxy: self.proxy.clone(),
            proxy_answer: socket
                .map(|socket| socket.proxy_answer.clone())
                .unwrap_or_default(),
            tls: tls.map(|tls| TlsFacts {
                issued_by_known_root: self.issued_by_known_root,
                ..tls
            }),
            reused: self.reused,
            unparsed_answer,
        }
    }
}

impl TracedSocket {
    fn observe(&mut self, event: &LogEvent, request_sent: bool) {
        let text = |key: &str| event.params[key].as_str();
        match event.kind.as_str() {
            "TCP_CONNECT_ATTEMPT" if event.begins => {
                self.address = text("address").map(str::to_owned);
            }
            "HTTP_TRANSACTION_READ_TUNNEL_RESPONSE_HEADERS" => {
                self.proxy_answer = lines(event).map(str::to_owned).collect();
            }
            "SSL_CONNECT" if event.begins => self.tls = Some(TlsFacts::default()),
            "SSL_CONNECT" if event.ends => {
                let tls = self.tls.get_or_insert_default();
                tls.version = text("version").map(str::to_owned);
                let alpn = text("next_proto").filter(|&alpn| alpn != "unknown");
                tls.alpn = alpn.map(str::to_owned).unwrap_or_default();
            }
            "SSL_HANDSHAKE_MESSAGE_SENT" if event.params["type"] == CLIENT_HELLO => {
                self.tls.get_or_insert_default().client_hello = bytes(event);
            }
            "SSL_CERTIFICATES_RECEIVED" => {
                let certificates = event.params["certificates"]
                    .as_array()
                    .into_iter()
                    .flatten();
                let certificates = certificates
                    .filter_map(Value::as_str)
                    .take(CERTIFICATES_MAX);
                self.tls.get_or_insert_default().certificates_pem =
                    certificates.map(str::to_owned).collect();
            }
            "SOCKET_BYTES_RECEIVED" if request_sent => append(&mut self.received, event),
            "SSL_SOCKET_BYTES_RECEIVED" if request_sent => append(&mut self.received_in_tls, event),
            _ => {}
        }
    }

    fn answer(&self) -> &[u8] {
        if self.tls.is_some() {
            &self.received_in_tls
        } else {
            &self.received
        }
    }
}

fn append(buffer: &mut Vec<u8>, event: &LogEvent) {
    if buffer.len() < ANSWER_BYTES_MAX {
        buffer.extend(bytes(event));
        buffer.truncate(ANSWER_BYTES_MAX);
    }
}

fn bytes(event: &LogEvent) -> Vec<u8> {
    STANDARD
        .decode(event.params["bytes"].as_str().unwrap_or_default())
        .unwrap_or_default()
}

fn lines(event: &LogEvent) -> impl Iterator<Item = &str> {
    event.params["headers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Over HTTP/1.1 the first line is the status line, over HTTP/2 a pseudo header.
fn response_from_log(event: &LogEvent) -> Option<HandshakeResponse> {
    let first = lines(event).next()?;
    let (status, reason) = match first.strip_prefix(":status:") {
        Some(status) => (status.trim().parse().ok()?, String::new()),
        None => status_line(first)?,
    };
    Some(HandshakeResponse {
        status,
        reason,
        headers: from_lines(lines(event).skip(1)),
        body_prefix: Vec::new(),
    })
}

/// Handshake message type of a `ClientHello` (RFC 8446 section 4).
const CLIENT_HELLO: u64 = 1;
const CERTIFICATES_MAX: usize = 16;
const ANSWER_BYTES_MAX: usize = 16 * 1024;
