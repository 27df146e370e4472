use tokio::io::AsyncReadExt;
use towpath_websocket::handshake::request_headers;
use towpath_websocket::{FrameHeader, encode_frame, key_from};

use super::*;

const ORIGIN: &str = "https://chat.example";

/// Dials, sends this message and gives the status line and whether the link stayed open.
async fn dial(server: &LinkServer, origin: &str, message: &[u8]) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .expect("connect");
    let key = key_from([7; 16]);
    let offer = towpath_websocket::Offer {
        key: &key,
        ..towpath_websocket::Offer::default()
    };
    let mut head = "GET / HTTP/1.1\r\n".to_owned();
    for (name, value) in request_headers("127.0.0.1", &offer) {
        head.extend([&name, ": ", &value, "\r\n"]);
    }
    head.extend(["Origin: ", origin, "\r\n\r\n"]);
    let mut bytes = head.into_bytes();
    encode_frame(
        &FrameHeader::binary(message.len()).masked([1, 2, 3, 4]),
        message,
        &mut bytes,
    );
    stream.write_all(&bytes).await.expect("write");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && stream.read_buf(&mut answer).await.expect("read") > 0 {}
    let line = String::from_utf8_lossy(&answer)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    (line, stream)
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 16]).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn a_page_with_origin_and_token_is_linked_once() {
    let server = LinkServer::start().await.expect("port");
    let invitation = server.invite(ORIGIN);
    let (line, _stream) = dial(&server, ORIGIN, &invitation.token).await;
    assert_eq!(line, "HTTP/1.1 101 Switching Protocols");
    let token = invitation.token;
    invitation.link.await.expect("linked");
    let (line, _) = dial(&server, ORIGIN, &token).await;
    assert_eq!(
        line, "HTTP/1.1 403 Forbidden",
        "the token opened a second link"
    );
}

#[tokio::test]
async fn another_origin_is_refused_before_the_handshake() {
    let server = LinkServer::start().await.expect("port");
    let invitation = server.invite(ORIGIN);
    for origin in ["https://evil.example", "null", "https://chat.example:444"] {
        let (line, mut stream) = dial(&server, origin, &invitation.token).await;
        assert_eq!(line, "HTTP/1.1 403 Forbidden");
        assert!(is_closed(&mut stream).await);
    }
}

#[tokio::test]
async fn whoever_has_not_the_token_is_closed_and_the_page_still_comes_in() {
    let server = LinkServer::start().await.expect("port");
    let invitation = server.invite(ORIGIN);
    let mut wrong = invitation.token;
    wrong[31] ^= 1;
    let mut longer = invitation.token.to_vec();
    longer.push(0);
    for message in [&wrong[..], &longer, &[], &invitation.token[..31]] {
        let (_, mut stream) = dial(&server, ORIGIN, message).await;
        assert!(
            is_closed(&mut stream).await,
            "{} bytes were let in",
            message.len()
        );
    }
    let (_, _stream) = dial(&server, ORIGIN, &invitation.token).await;
    invitation.link.await.expect("linked");
}

#[tokio::test]
async fn a_dropped_invitation_opens_nothing() {
    let server = LinkServer::start().await.expect("port");
    let token = server.invite(ORIGIN).token;
    let (line, _) = dial(&server, ORIGIN, &token).await;
    assert_eq!(line, "HTTP/1.1 403 Forbidden");
}

#[tokio::test]
async fn whoever_says_nothing_is_closed_in_time() {
    let server = LinkServer::start().await.expect("port");
    let _invitation = server.invite(ORIGIN);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .expect("connect");
    assert!(is_closed(&mut stream).await);
}
