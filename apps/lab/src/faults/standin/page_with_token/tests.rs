use towpath_websocket::FrameHeader;

use crate::running::Running;
use crate::testing::{Client, HANDSHAKE, handshake_with, running};

const NAME: &str = "page-with-token";

/// The body of an answer to a plain request.
async fn get(running: &Running, target: &str) -> String {
    let mut client = Client::of(running).await;
    client
        .send(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .await;
    let head = client.head().await;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    String::from_utf8(client.bytes(length).await.unwrap()).unwrap()
}

/// A token as the page gets it.
async fn token(running: &Running, query: &str) -> String {
    get(running, "/").await;
    let login = get(running, &format!("/token{query}")).await;
    login.split('"').nth(3).unwrap().to_owned()
}

async fn status(running: &Running, handshake: &str) -> String {
    let mut client = Client::of(running).await;
    let answer = client.ask(&handshake.replace("/socket", "/gate")).await;
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_gate_takes_the_token_in_three_places() {
    let running = running(NAME).await;
    assert_eq!(status(&running, HANDSHAKE).await, "401");
    let wrong = handshake_with("Authorization: Bearer secret");
    assert_eq!(status(&running, &wrong).await, "401");
    let token = token(&running, "").await;
    let bearer = handshake_with(&format!("Authorization: Bearer {token}"));
    assert_eq!(status(&running, &bearer).await, "101");
    let cookie = handshake_with(&format!("Cookie: theme=dark; token={token}"));
    assert_eq!(status(&running, &cookie).await, "101");
    let query = HANDSHAKE.replace("/socket", &format!("/gate?token={token}"));
    assert_eq!(status(&running, &query).await, "101");
    running.stop().await;
}

#[tokio::test]
async fn the_socket_wants_it_first() {
    let running = running(NAME).await;
    let token = token(&running, "").await;
    for (token, answer) in [
        (
            token.as_str(),
            &b"\x81\x19{\"type\":\"connection_ack\"}"[..],
        ),
        ("secret", b"\x88\x0b\x11\x33Forbidden"),
    ] {
        let mut client = Client::of(&running).await;
        client.ask(HANDSHAKE).await;
        let init = format!(r#"{{"type":"connection_init","payload":{{"token":"{token}"}}}}"#);
        let header = FrameHeader::text(init.len());
        client.send_frame(header, init.as_bytes()).await;
        assert_eq!(client.bytes(answer.len()).await.unwrap(), answer);
    }
    running.stop().await;
}

#[tokio::test]
async fn tokens_expire_and_are_revoked() {
    let running = running(NAME).await;
    let expired = token(&running, "?life=0").await;
    let bearer = |token: &str| handshake_with(&format!("Authorization: Bearer {token}"));
    assert_eq!(status(&running, &bearer(&expired)).await, "401");
    let first = token(&running, "").await;
    get(&running, "/revoke").await;
    assert_eq!(status(&running, &bearer(&first)).await, "401");
    let second = token(&running, "").await;
    assert_eq!(status(&running, &bearer(&second)).await, "101");
    running.stop().await;
}

#[tokio::test]
async fn visits_of_pages_are_counted() {
    let running = running(NAME).await;
    for path in [
        "/",
        "/worker?life=3",
        "/worker.js",
        "/token",
        "/favicon.ico",
    ] {
        get(&running, path).await;
    }
    assert_eq!(get(&running, "/visits").await, r#"{"visits":2}"#);
    running.stop().await;
}
