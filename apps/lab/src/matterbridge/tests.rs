//! The stand-in by its own HTTP. What a client of ours makes of it is tested with the relay.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// One request on a connection of its own: status and body.
async fn ask(server: &Matterbridge, line: &str, token: &str, body: &Value) -> (u16, String) {
    let mut tcp = TcpStream::connect(server.address()).await.unwrap();
    let body = body.to_string();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    tcp.write_all(head.as_bytes()).await.unwrap();
    tcp.shutdown().await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

async fn start(token: Option<&str>) -> Matterbridge {
    let options = MatterbridgeOptions {
        token: token.map(str::to_owned),
        buffer: 20,
        ..MatterbridgeOptions::default()
    };
    start_matterbridge(options).await.unwrap()
}

#[tokio::test]
async fn a_missing_token_is_told_from_a_wrong_one() {
    let server = start(Some("right")).await;
    for (token, status) in [("", 400), ("Bearer wrong", 401), ("Bearer right", 200)] {
        let (answered, body) = ask(&server, "GET /api/health", token, &json!({})).await;
        assert_eq!(answered, status, "{body}");
    }
}

#[tokio::test]
async fn the_buffer_is_emptied_and_shrinks() {
    let server = start(None).await;
    let said = async |count: usize| {
        for number in 0..count {
            let said = json!({"room": "lounge", "name": "ann", "text": number.to_string()});
            ask(&server, "POST /control/say", "", &said).await;
        }
        let (_, body) = ask(&server, "GET /api/messages", "", &json!({})).await;
        let all: Value = serde_json::from_str(&body).unwrap();
        all.as_array()
            .map(|all| (all.len(), all[0]["text"].clone()))
    };
    assert_eq!(said(25).await, Some((20, json!("5"))));
    assert_eq!(said(0).await, None);
    assert_eq!(said(25).await, Some((10, json!("15"))));
}

#[tokio::test]
async fn what_names_no_gateway_is_dropped_without_a_word() {
    let server = start(None).await;
    for (gateway, text) in [("lounge", "hi"), ("nowhere", "hi"), ("lounge", "")] {
        let message =
            json!({"gateway": gateway, "text": text, "username": "bob", "account": "forged"});
        let (status, body) = ask(&server, "POST /api/message", "", &message).await;
        assert_eq!(status, 200);
        assert!(!body.contains("forged"), "{body}");
    }
    let (_, room) = ask(&server, "GET /control/room?room=lounge", "", &json!({})).await;
    let room: Value = serde_json::from_str(&room).unwrap();
    assert_eq!(room["messages"].as_array().unwrap().len(), 1);
    let (status, help) = ask(&server, "GET /control/", "", &json!({})).await;
    assert_eq!(status, 404);
    assert!(help.contains("room?room=NAME"), "{help}");
    let (_, counts) = ask(&server, "GET /control/counts", "", &json!({})).await;
    let counts: Value = serde_json::from_str(&counts).unwrap();
    assert_eq!(
        (&counts["posts"], &counts["dropped"]),
        (&json!(3), &json!(2))
    );
}

#[tokio::test]
async fn the_file_brings_back_what_was_said_but_not_the_buffer() {
    let path = std::env::temp_dir().join(format!("towpath-matterbridge-{}", std::process::id()));
    let options = MatterbridgeOptions {
        archive: Some(path.clone()),
        ..MatterbridgeOptions::default()
    };
    let first = start_matterbridge(options.clone()).await.unwrap();
    let said = json!({"room": "lounge", "name": "ann", "text": "hi"});
    ask(&first, "POST /control/say", "", &said).await;
    drop(first);
    let second = start_matterbridge(options).await.unwrap();
    let (_, room) = ask(&second, "GET /control/room?room=lounge", "", &json!({})).await;
    std::fs::remove_file(&path).unwrap();
    assert!(room.contains("ann"), "{room}");
    let (_, body) = ask(&second, "GET /api/messages", "", &json!({})).await;
    assert_eq!(body, "null");
}
