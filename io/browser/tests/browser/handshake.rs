//! A real browser meets small servers, and the capture tells what happened.

use std::time::Duration;

use crate::support::{Manner, Server, header, options};
use towpath_browser::{
    Capture, CaptureRequest, Direction, HandshakeVersion, HeaderOrder, OpenRequest, SocketCapture,
    capture,
};

async fn captured(server: &Server, change: impl FnOnce(&mut CaptureRequest)) -> Capture {
    let mut request = CaptureRequest::open(server.websocket("/socket?room=1"));
    change(&mut request);
    capture(&options(), &request)
        .await
        .expect("the browser works")
}

fn opened(capture: &Capture) -> &SocketCapture {
    capture.opened().expect("the socket was created")
}

fn names(headers: &[(String, String)]) -> Vec<String> {
    headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect()
}

fn names_on_wire(head: &str) -> Vec<String> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.map(|(name, _)| name.to_ascii_lowercase()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_handshake_is_captured_as_it_was_on_the_wire() {
    let server = Server::start(Manner::GreetThenClose, "<title>Home</title>").await;
    let capture = captured(&server, |request| {
        request.open = Some(OpenRequest {
            subprotocols: Vec::new(),
            messages: vec!["first".into()],
        });
    })
    .await;

    let handshakes = server.handshakes();
    assert_eq!(handshakes.len(), 1, "{handshakes:?}");
    let socket = opened(&capture);
    assert!(socket.accepted(), "{socket:?}");
    let request = socket.request.as_ref().expect("request");
    assert_eq!(request.order, HeaderOrder::Wire);
    assert_eq!(request.version, HandshakeVersion::Http1);
    assert_eq!(names(&request.headers), names_on_wire(&handshakes[0]));
    assert_eq!(
        request.header("sec-websocket-key"),
        header(&handshakes[0], "sec-websocket-key")
    );
    assert_eq!(
        request.header("origin"),
        Some(format!("http://{}", server.address).as_str())
    );
    assert_eq!(request.header("cookie"), Some("visit=yes"));
    let response = socket.response.as_ref().expect("response");
    assert_eq!(
        (response.status, response.header("x-served-by")),
        (101, Some("test"))
    );

    let seen: Vec<_> = socket
        .messages
        .iter()
        .map(|message| (message.direction, message.opcode))
        .collect();
    assert!(
        seen.contains(&(Direction::Sent, 1)) && seen.contains(&(Direction::Received, 2)),
        "{seen:?}"
    );
    let script = socket.script.as_ref().expect("script");
    assert!(
        script.opened && script.closed_cleanly && !script.closed_by_capture,
        "{script:?}"
    );
    assert_eq!(
        (script.close_code, script.close_reason.as_str()),
        (Some(4000), "bye")
    );
    let connection = socket.connection.as_ref().expect("connection");
    assert_eq!(connection.remote_address, Some(server.address));
    assert_eq!(
        (connection.proxy.as_deref(), connection.reused),
        (None, false)
    );
    assert!(socket.closed && socket.open_for.is_some());

    assert!(capture.net_log_read);
    assert_eq!(capture.page.status, Some(200));
    assert_eq!(capture.page.title.as_deref(), Some("Home"));
    assert_eq!(
        capture.page.cookies,
        [("visit".to_owned(), "yes".to_owned())]
    );
    assert_eq!(capture.page.substituted, None);
    assert!(
        capture.browser.version.contains('/'),
        "{:?}",
        capture.browser
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_keeps_its_headers_body_and_the_requests_order() {
    let server = Server::start(Manner::Refuse, "hi").await;
    let capture = captured(&server, |request| {
        request.open = Some(OpenRequest {
            subprotocols: vec!["chat".into(), "superchat".into()],
            messages: Vec::new(),
        });
    })
    .await;
    let socket = opened(&capture);
    assert!(!socket.accepted());
    assert_eq!(socket.status(), Some(403));
    let response = socket.response.as_ref().expect("from the network log");
    assert_eq!(response.header("x-reason"), Some("origin"));
    assert_eq!(response.body_prefix, b"not today");
    let request = socket.request.as_ref().expect("request");
    assert_eq!(
        names(&request.headers),
        names_on_wire(&server.handshakes()[0])
    );
    assert_eq!(
        request.header("sec-websocket-protocol"),
        Some("chat, superchat")
    );
    assert!(
        socket
            .error
            .as_deref()
            .is_some_and(|error| error.contains("403")),
        "{:?}",
        socket.error
    );
    assert_eq!(socket.net_error.as_deref(), Some("ERR_INVALID_RESPONSE"));
    let script = socket.script.as_ref().expect("script");
    assert_eq!((script.opened, script.close_code), (false, Some(1006)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_at_the_first_frame_is_an_open_that_died() {
    let server = Server::start(Manner::ResetAtFirstFrame, "hi").await;
    let capture = captured(&server, |request| {
        request.open = Some(OpenRequest {
            messages: vec!["ping".into()],
            ..OpenRequest::default()
        });
        request.linger = Duration::from_secs(5);
    })
    .await;
    let socket = opened(&capture);
    assert!(socket.accepted());
    let script = socket.script.as_ref().expect("script");
    assert!(
        script.opened && !script.closed_cleanly && !script.closed_by_capture,
        "{script:?}"
    );
    assert_eq!(script.close_code, Some(1006));
    assert!(
        socket
            .open_for
            .is_some_and(|open| open < Duration::from_secs(4)),
        "{:?}",
        socket.open_for
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_accept_is_not_accepted_though_it_says_101() {
    let server = Server::start(Manner::WrongAccept, "hi").await;
    let capture = captured(&server, |_| {}).await;
    let socket = opened(&capture);
    assert_eq!(socket.status(), Some(101), "{socket:?}");
    assert!(!socket.accepted(), "{socket:?}");
    assert!(
        socket
            .error
            .as_deref()
            .is_some_and(|error| error.contains("Sec-WebSocket-Accept"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_http_is_kept_as_bytes() {
    let server = Server::start(Manner::NotHttp, "hi").await;
    let capture = captured(&server, |_| {}).await;
    let socket = opened(&capture);
    assert!(!socket.accepted());
    let connection = socket.connection.as_ref().expect("connection");
    assert!(
        connection.unparsed_answer.starts_with(b"SSH-2.0"),
        "{socket:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_vanishes_has_an_error_name() {
    let server = Server::start(Manner::Vanish, "hi").await;
    let capture = captured(&server, |_| {}).await;
    let socket = opened(&capture);
    assert_eq!((socket.response.as_ref(), socket.accepted()), (None, false));
    assert_eq!(
        socket.net_error.as_deref(),
        Some("ERR_EMPTY_RESPONSE"),
        "{socket:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_at_the_handshake_timeout() {
    let server = Server::start(Manner::Silent, "hi").await;
    let capture = captured(&server, |request| {
        // The browser must have sent its request by then.
        request.handshake_timeout = Duration::from_secs(4);
    })
    .await;
    let socket = opened(&capture);
    let script = socket.script.as_ref().expect("script");
    assert!(!script.opened && script.closed_by_capture, "{script:?}");
    assert!(
        socket.request.is_some() && socket.response.is_none(),
        "{socket:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_stays_open_is_closed_by_the_capture() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let capture = captured(&server, |request| {
        request.linger = Duration::from_millis(100);
    })
    .await;
    let script = opened(&capture).script.as_ref().expect("script");
    assert!(script.opened && script.closed_by_capture, "{script:?}");
}
