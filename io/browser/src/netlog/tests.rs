//! A log is written as the browser writes it, with numbers for names, and read back.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::profile::Profile;
use crate::record::{HandshakeVersion, HeaderOrder, Opener};
use crate::recorder::blank_socket;

const KINDS: [&str; 16] = [
    "REQUEST_ALIVE",
    "HTTP_STREAM_JOB_CONTROLLER_BOUND",
    "HTTP_STREAM_REQUEST_STARTED_JOB",
    "SOCKET_POOL_BOUND_TO_SOCKET",
    "SOCKET_IN_USE",
    "TCP_CONNECT_ATTEMPT",
    "SOCKET_BYTES_RECEIVED",
    "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
    "HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION",
    "HTTP2_SESSION_SEND_HEADERS",
    "HTTP2_SESSION_RECV_HEADERS",
    "SSL_CONNECT",
    "SSL_SOCKET_BYTES_RECEIVED",
    "SSL_HANDSHAKE_MESSAGE_SENT",
    "CERT_VERIFIER_JOB",
];
const SOURCES: [&str; 6] = [
    "URL_REQUEST",
    "HTTP_STREAM_JOB_CONTROLLER",
    "HTTP_STREAM_JOB",
    "SOCKET",
    "HTTP2_SESSION",
    "CERT_VERIFIER_JOB",
];
const BEGIN: u64 = 1;
const END: u64 = 2;
const NONE: u64 = 0;

struct Log(String);

impl Log {
    fn new() -> Self {
        let numbers = |names: &[&str]| -> Value {
            names
                .iter()
                .enumerate()
                .map(|(number, name)| ((*name).to_owned(), json!(number)))
                .collect()
        };
        let constants = json!({ "logEventTypes": numbers(&KINDS), "logSourceType": numbers(&SOURCES),
            "netError": { "ERR_INVALID_RESPONSE": -320 } });
        Self(format!("{{\"constants\":{constants},\n\"events\": [\n"))
    }

    fn event(mut self, source: (i64, &str), kind: &str, phase: u64, params: Value) -> Self {
        let number = |names: &[&str], name: &str| {
            names
                .iter()
                .position(|&known| known == name)
                .expect("a known name")
        };
        let mut event = json!({ "phase": phase, "time": "1", "type": number(&KINDS, kind),
            "source": { "id": source.0, "start_time": "1", "type": number(&SOURCES, source.1) } });
        event["params"] = params;
        self.0 += &event.to_string();
        self.0.push_str(",\n");
        self
    }

    /// The events that lead from a request to its socket.
    fn request(self, first: i64, url: &str) -> Self {
        let [request, controller, job] = chain(first);
        self.event(request, "REQUEST_ALIVE", BEGIN, json!({ "url": url }))
            .event(
                request,
                "HTTP_STREAM_JOB_CONTROLLER_BOUND",
                NONE,
                depends(controller.0),
            )
            .event(
                controller,
                "HTTP_STREAM_REQUEST_STARTED_JOB",
                NONE,
                depends(job.0),
            )
    }

    fn on_socket(self, first: i64, socket: i64, address: &str) -> Self {
        let [_, _, job] = chain(first);
        self.event(
            (socket, "SOCKET"),
            "TCP_CONNECT_ATTEMPT",
            BEGIN,
            json!({ "address": address }),
        )
        .event(job, "SOCKET_POOL_BOUND_TO_SOCKET", NONE, depends(socket))
        .event((socket, "SOCKET"), "SOCKET_IN_USE", BEGIN, depends(job.0))
    }

    fn read_into(&self, sockets: &mut [SocketCapture]) {
        let directory = Profile::create().expect("directory");
        let path = directory.path().join("log");
        fs::write(&path, &self.0).expect("write");
        read_net_log(&path, sockets).expect("readable");
    }
}

fn chain(first: i64) -> [(i64, &'static str); 3] {
    [
        (first, "URL_REQUEST"),
        (first + 1, "HTTP_STREAM_JOB_CONTROLLER"),
        (first + 2, "HTTP_STREAM_JOB"),
    ]
}

fn depends(on: i64) -> Value {
    json!({ "source_dependency": { "id": on, "type": 0 } })
}

fn bytes(text: &str) -> Value {
    json!({ "bytes": STANDARD.encode(text) })
}

fn headers(lines: &[&str]) -> Value {
    json!({ "headers": lines })
}

fn socket(url: &str) -> SocketCapture {
    blank_socket(url, Opener::Request)
}

#[test]
fn a_refusal_over_http1_is_taken_from_the_bytes_after_the_request() {
    let request = (10, "URL_REQUEST");
    let log = Log::new()
        .request(10, "ws://a.example/s")
        .on_socket(10, 20, "192.0.2.1:80")
        .event(
            (20, "SOCKET"),
            "SOCKET_BYTES_RECEIVED",
            NONE,
            bytes("HTTP/1.1 200 Earlier\r\n\r\n"),
        )
        .event(
            request,
            "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
            NONE,
            headers(&["Host: a.example", "Sec-WebSocket-Key: k"]),
        )
        .event(
            (20, "SOCKET"),
            "SOCKET_BYTES_RECEIVED",
            NONE,
            bytes("HTTP/1.1 403 No\r\nVia: box\r\n"),
        )
        .event(
            (20, "SOCKET"),
            "SOCKET_BYTES_RECEIVED",
            NONE,
            bytes("\r\nbody"),
        )
        .event(request, "REQUEST_ALIVE", END, json!({ "net_error": -320 }));
    let mut sockets = [socket("ws://a.example/s")];
    log.read_into(&mut sockets);
    let response = sockets[0].response.as_ref().expect("response");
    assert_eq!(
        (response.status, response.header("via")),
        (403, Some("box"))
    );
    assert_eq!(response.body_prefix, b"body");
    let request = sockets[0].request.as_ref().expect("request");
    assert_eq!(
        (request.order, request.version),
        (HeaderOrder::Wire, HandshakeVersion::Http1)
    );
    assert_eq!(
        sockets[0].net_error.as_deref(),
        Some("ERR_INVALID_RESPONSE")
    );
    let connection = sockets[0].connection.as_ref().expect("connection");
    assert_eq!(
        connection.remote_address,
        Some("192.0.2.1:80".parse().expect("address"))
    );
}

#[test]
fn inside_tls_the_decrypted_bytes_count() {
    let request = (10, "URL_REQUEST");
    let tls = json!({ "version": "TLS 1.3", "next_proto": "http/1.1" });
    let hello = json!({ "type": 1, "bytes": STANDARD.encode("hello") });
    let log = Log::new()
        .request(10, "wss://a.example/s")
        .on_socket(10, 20, "[2001:db8::1]:443")
        .event((20, "SOCKET"), "SSL_CONNECT", BEGIN, json!({}))
        .event((20, "SOCKET"), "SSL_HANDSHAKE_MESSAGE_SENT", NONE, hello)
        .event((20, "SOCKET"), "SSL_CONNECT", END, tls)
        .event(
            request,
            "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
            NONE,
            headers(&["Sec-WebSocket-Key: k"]),
        )
        .event(
            (20, "SOCKET"),
            "SOCKET_BYTES_RECEIVED",
            NONE,
            bytes("\x17\x03\x03 encrypted"),
        )
        .event(
            (20, "SOCKET"),
            "SSL_SOCKET_BYTES_RECEIVED",
            NONE,
            bytes("HTTP/1.1 503 Busy\r\n\r\n"),
        );
    let mut sockets = [socket("wss://a.example/s")];
    log.read_into(&mut sockets);
    assert_eq!(sockets[0].status(), Some(503));
    let tls = sockets[0]
        .connection
        .as_ref()
        .and_then(|connection| connection.tls.as_ref())
        .expect("TLS");
    assert_eq!(
        (tls.version.as_deref(), tls.alpn.as_str()),
        (Some("TLS 1.3"), "http/1.1")
    );
    assert_eq!(tls.client_hello, b"hello");
}

#[test]
fn a_chain_verified_for_the_page_counts_for_the_socket_of_the_same_host() {
    let verifier = (5, "CERT_VERIFIER_JOB");
    let log = Log::new()
        .event(
            verifier,
            "CERT_VERIFIER_JOB",
            BEGIN,
            json!({ "host": "a.example" }),
        )
        .event(
            verifier,
            "CERT_VERIFIER_JOB",
            END,
            json!({ "is_issued_by_known_root": false }),
        )
        .request(10, "wss://a.example/s")
        .on_socket(10, 20, "192.0.2.1:443")
        .event((20, "SOCKET"), "SSL_CONNECT", BEGIN, json!({}));
    let mut sockets = [socket("wss://a.example/s")];
    log.read_into(&mut sockets);
    let tls = sockets[0]
        .connection
        .as_ref()
        .and_then(|connection| connection.tls.as_ref())
        .expect("TLS");
    assert_eq!(tls.issued_by_known_root, Some(false));
}

#[test]
fn over_http2_the_answer_is_the_one_on_the_same_stream() {
    let session = (30, "HTTP2_SESSION");
    let job = (12, "HTTP_STREAM_JOB");
    let request = (10, "URL_REQUEST");
    let on_stream =
        |stream: u64, line: &str| json!({ "stream_id": stream, "headers": [line, "x-why: no"] });
    let log = Log::new()
        .request(10, "wss://a.example/s")
        .event(
            job,
            "HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION",
            NONE,
            depends(30),
        )
        .event(
            session,
            "HTTP2_SESSION_SEND_HEADERS",
            NONE,
            on_stream(1, ":method: GET"),
        )
        .event(
            request,
            "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
            NONE,
            headers(&[":method: CONNECT"]),
        )
        .event(
            session,
            "HTTP2_SESSION_SEND_HEADERS",
            NONE,
            on_stream(3, ":method: CONNECT"),
        )
        .event(
            session,
            "HTTP2_SESSION_RECV_HEADERS",
            NONE,
            on_stream(1, ":status: 200"),
        )
        .event(
            session,
            "HTTP2_SESSION_RECV_HEADERS",
            NONE,
            on_stream(3, ":status: 405"),
        );
    let mut sockets = [socket("wss://a.example/s")];
    log.read_into(&mut sockets);
    let response = sockets[0].response.as_ref().expect("response");
    assert_eq!(
        (response.status, response.header("x-why")),
        (405, Some("no"))
    );
    assert_eq!(
        sockets[0].request.as_ref().map(|request| request.version),
        Some(HandshakeVersion::Http2)
    );
    assert!(
        sockets[0]
            .connection
            .as_ref()
            .is_some_and(|connection| connection.reused)
    );
}

#[test]
fn two_sockets_to_one_address_are_told_apart_by_their_keys() {
    let sent = "HTTP_TRANSACTION_SEND_REQUEST_HEADERS";
    let log = Log::new()
        .request(10, "ws://a.example/")
        .on_socket(10, 20, "192.0.2.1:80")
        .event(
            (10, "URL_REQUEST"),
            sent,
            NONE,
            headers(&["Sec-WebSocket-Key: first"]),
        )
        .request(40, "ws://a.example/")
        .on_socket(40, 50, "192.0.2.2:80")
        .event(
            (40, "URL_REQUEST"),
            sent,
            NONE,
            headers(&["Sec-WebSocket-Key: second"]),
        );
    let with_key = |key: &str| {
        let mut capture = socket("ws://a.example/");
        capture.request = Some(crate::record::HandshakeRequest {
            headers: vec![(KEY_HEADER.to_owned(), key.to_owned())],
            order: HeaderOrder::Unknown,
            version: HandshakeVersion::Unknown,
        });
        capture
    };
    let mut sockets = [with_key("second"), with_key("first")];
    log.read_into(&mut sockets);
    let address = |capture: &SocketCapture| {
        capture
            .connection
            .as_ref()
            .and_then(|facts| facts.remote_address)
    };
    assert_eq!(
        address(&sockets[0]),
        Some("192.0.2.2:80".parse().expect("address"))
    );
    assert_eq!(
        address(&sockets[1]),
        Some("192.0.2.1:80".parse().expect("address"))
    );
}

#[test]
fn page_requests_and_unknown_sockets_change_nothing() {
    let log = Log::new()
        .request(10, "https://a.example/")
        .on_socket(10, 20, "192.0.2.1:80")
        .request(40, "ws://other/");
    let before = socket("ws://a.example/");
    let mut sockets = [before.clone()];
    log.read_into(&mut sockets);
    assert_eq!(sockets[0], before);
}
