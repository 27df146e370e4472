use serde_json::json;

use super::*;

fn recorded(events: &[(&str, Value)]) -> Recorder {
    let mut recorder = Recorder::default();
    for (method, params) in events {
        recorder.observe(&Event {
            session: Some("page".into()),
            method: (*method).to_owned(),
            params: params.clone(),
        });
    }
    recorder
}

fn created(script: &str) -> (&'static str, Value) {
    let params = json!({ "requestId": "7", "url": "ws://a.example/s",
        "initiator": { "type": "script", "stack": { "callFrames": [{ "url": script }] } } });
    ("Network.webSocketCreated", params)
}

fn request_sent() -> (&'static str, Value) {
    let params = json!({ "requestId": "7", "timestamp": 10.0,
        "request": { "headers": { "Upgrade": "websocket", "Host": "a.example" } } });
    ("Network.webSocketWillSendHandshakeRequest", params)
}

fn answered() -> (&'static str, Value) {
    let response = json!({ "status": 101, "statusText": "Switching Protocols", "headers": { "Upgrade": "websocket" },
        "headersText": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-A: 1\r\nX-A: 2\r\n\r\n",
        "requestHeadersText": "GET ws://a.example/s HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n\r\n" });
    let params = json!({ "requestId": "7", "timestamp": 10.5, "response": response });
    ("Network.webSocketHandshakeResponseReceived", params)
}

fn only_socket(recorder: Recorder) -> SocketCapture {
    let mut sockets = recorder.into_sockets();
    assert_eq!(sockets.len(), 1);
    sockets.remove(0)
}

#[test]
fn an_accepted_handshake_keeps_wire_order_repeated_headers_and_times() {
    let message = json!({ "requestId": "7", "timestamp": 11.0,
        "response": { "opcode": 2, "mask": false, "payloadData": "AAEC" } });
    let closed = json!({ "requestId": "7", "timestamp": 12.5 });
    let socket = only_socket(recorded(&[
        created(OPEN_SCRIPT_NAME),
        request_sent(),
        answered(),
        ("Network.webSocketFrameReceived", message),
        ("Network.webSocketClosed", closed),
    ]));
    assert_eq!(socket.opener, Opener::Request);
    let request = socket.request.expect("request");
    assert_eq!(request.order, HeaderOrder::Wire);
    assert_eq!(
        request.headers[0],
        ("Host".to_owned(), "a.example".to_owned())
    );
    let response = socket.response.expect("response");
    assert_eq!(
        response
            .headers
            .iter()
            .filter(|(name, _)| name == "X-A")
            .count(),
        2
    );
    assert_eq!(socket.answered_after, Some(Duration::from_millis(500)));
    assert_eq!(socket.open_for, Some(Duration::from_secs(2)));
    assert_eq!(socket.messages[0].payload_prefix, [0, 1, 2]);
    assert_eq!(socket.messages[0].after, Duration::from_millis(500));
}

#[test]
fn a_refusal_has_the_browsers_words_and_no_known_order() {
    let words = "Error during WebSocket handshake: Unexpected response code: 403";
    let failed = json!({ "requestId": "7", "timestamp": 10.25, "errorMessage": words });
    let closed = json!({ "requestId": "7", "timestamp": 10.5 });
    let socket = only_socket(recorded(&[
        created("https://a.example/app.js"),
        request_sent(),
        ("Network.webSocketFrameError", failed),
        ("Network.webSocketClosed", closed),
    ]));
    assert_eq!(socket.opener, Opener::Page);
    assert_eq!(socket.status(), Some(403));
    assert_eq!(socket.request.expect("request").order, HeaderOrder::Unknown);
    assert_eq!(socket.answered_after, Some(Duration::from_millis(250)));
    assert_eq!(socket.open_for, None, "it was never open");
    assert!(socket.closed);
}

#[test]
fn sockets_and_messages_have_limits_that_count() {
    let mut recorder = Recorder::default();
    let mut see = |method: &str, params: Value| {
        recorder.observe(&Event {
            session: None,
            method: method.to_owned(),
            params,
        });
    };
    for id in 0..SOCKETS_MAX + 3 {
        see(
            "Network.webSocketCreated",
            json!({ "requestId": id.to_string(), "url": "ws://a/" }),
        );
    }
    let message = json!({ "requestId": "0", "timestamp": 1.0, "response": { "opcode": 1, "payloadData": "x".repeat(5000) } });
    for _ in 0..MESSAGES_MAX + 2 {
        see("Network.webSocketFrameSent", message.clone());
    }
    assert_eq!(recorder.sockets_omitted, 3);
    let sockets = recorder.into_sockets();
    assert_eq!(sockets.len(), SOCKETS_MAX);
    assert_eq!(sockets[0].messages_omitted, 2);
    assert_eq!(sockets[0].messages[0].length, 5000);
    assert_eq!(
        sockets[0].messages[0].payload_prefix.len(),
        PAYLOAD_PREFIX_BYTES
    );
}

#[test]
fn a_worker_with_the_same_request_number_is_another_socket() {
    let mut recorder = recorded(&[created("https://a.example/app.js")]);
    let from_worker = Event {
        session: Some("worker".into()),
        method: "Network.webSocketClosed".into(),
        params: json!({ "requestId": "7", "timestamp": 1.0 }),
    };
    recorder.observe(&from_worker);
    assert!(!only_socket(recorder).closed);
}

#[test]
fn only_requests_on_the_network_are_counted() {
    let request = |url: &str| {
        (
            "Network.requestWillBeSent",
            json!({ "requestId": "1", "request": { "url": url } }),
        )
    };
    let recorder = recorded(&[
        request("https://a.example/"),
        request("data:text/plain,x"),
        request("http://a.example/b"),
    ]);
    assert_eq!(recorder.requests_made, 2);
}
