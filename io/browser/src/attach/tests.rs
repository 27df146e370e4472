use serde_json::json;
use tokio::net::TcpListener;

use super::*;

#[test]
fn an_address_may_lack_its_scheme() {
    let parsed = |address: &str| debugging_address(address).map(|url| url.to_string());
    assert_eq!(
        parsed("127.0.0.1:9222").expect("url"),
        "http://127.0.0.1:9222/"
    );
    assert_eq!(
        parsed("ws://[::1]:9222/devtools/browser/x").expect("url"),
        "ws://[::1]:9222/devtools/browser/x"
    );
    assert!(parsed("https://a.example").is_err());
    assert!(parsed("").is_err());
}

#[test]
fn the_way_into_a_browser_is_not_shown() {
    assert_eq!(
        shown("ws://[::1]:9222/devtools/browser/3f2a"),
        "ws://[::1]:9222"
    );
    assert_eq!(shown("127.0.0.1:9222"), "http://127.0.0.1:9222");
}

#[tokio::test]
async fn what_is_no_browser_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                .await;
        }
    });
    let error = attach(&format!("http://{address}"), Duration::from_secs(5))
        .await
        .err()
        .expect("no browser");
    assert!(error.to_string().contains("404"), "{error}");
    let error = attach("127.0.0.1:1", Duration::from_secs(5)).await.err();
    let error = error.expect("nobody listens").to_string();
    assert!(
        error.contains("127.0.0.1:1") && error.contains("refused"),
        "{error}"
    );
}

/// A browser's WebSocket that answers each call, pings, and ends when it is told to close.
async fn serve_one(listener: TcpListener) -> u32 {
    let (mut stream, _) = listener.accept().await.expect("accept");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("head"));
    }
    let head = String::from_utf8(head).expect("text");
    assert!(!head.to_lowercase().contains("origin:"), "{head}");
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .expect("key");
    let mut answer = "HTTP/1.1 101 Switching Protocols\r\n".to_owned();
    for (name, value) in towpath_websocket::handshake::response_headers(key, None, None) {
        answer.extend([&name, ": ", &value, "\r\n"]);
    }
    answer.push_str("\r\n");
    stream.write_all(answer.as_bytes()).await.expect("write");
    let limits = towpath_websocket::Limits::default();
    let role = towpath_websocket::Role::Server;
    let mut frames = towpath_websocket::Connection::new(role, limits, None);
    let mut pongs = 0;
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).await.expect("read");
        assert!(count > 0, "it ends with a close frame");
        let mut wire = Vec::new();
        for event in frames.feed(&chunk[..count]) {
            match event {
                towpath_websocket::Event::Message { message, .. } => {
                    let call: Value = serde_json::from_slice(&message.payload).expect("JSON");
                    frames.send_ping(b"x", || [0; 4], &mut wire).expect("ping");
                    let reply = json!({ "id": call["id"], "result": { "said": call["method"] } });
                    let reply = reply.to_string();
                    frames
                        .send_text(&reply, || [0; 4], &mut wire)
                        .expect("reply");
                }
                towpath_websocket::Event::Pong(_) => pongs += 1,
                towpath_websocket::Event::Close { .. } => return pongs,
                other => panic!("{other:?}"),
            }
        }
        stream.write_all(&wire).await.expect("write");
    }
}

#[tokio::test]
async fn calls_go_over_the_websocket_and_dropping_closes_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    let browser = tokio::spawn(serve_one(listener));
    let place = format!("ws://{address}/devtools/browser/x");
    let limit = Duration::from_secs(5);
    let mut connection = attach(&place, limit).await.expect("attached");
    for method in ["A.a", "B.b"] {
        let reply = connection.call_alone(method, json!({}), limit).await;
        assert_eq!(reply.expect("reply")["said"], method);
    }
    drop(connection);
    assert_eq!(browser.await.expect("browser"), 2);
}
