//! The backend to a plain client: what is asked for comes piece by piece, and then the close.

use std::net::{Ipv4Addr, SocketAddr};

use towpath_websocket::{FrameHeader, Opcode};

use super::*;
use crate::frames;
use crate::testing::Client;

const HANDSHAKE: &str = "GET /promotions HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

async fn backend() -> Promotions {
    start_promotions(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .unwrap()
}

/// What a search brings: messages, and the code of the close.
async fn searched(start: &str) -> (Vec<String>, u16) {
    let backend = backend().await;
    let mut client = Client::at(backend.address()).await;
    assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
    client
        .send_frame(FrameHeader::text(start.len()), start.as_bytes())
        .await;
    let mut messages = Vec::new();
    loop {
        let frame = frames::read(client.stream()).await.unwrap().unwrap();
        if frame.header.opcode == Opcode::Close {
            let code = u16::from_be_bytes([frame.payload[0], frame.payload[1]]);
            client
                .send_frame(FrameHeader::close(2), &code.to_be_bytes())
                .await;
            return (messages, code);
        }
        messages.push(String::from_utf8(frame.payload).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn each_product_is_told_and_then_the_search_is_over() {
    let (messages, code) = searched(r#"{"from":"0150","to":"9170"}"#).await;
    assert_eq!(code, 1000);
    assert_eq!(messages.len(), 12);
    assert!(
        messages[11].ends_with(r#""number":12,"of":12}"#),
        "{messages:?}"
    );
    let (more, _) = searched(r#"{"from":"0150","to":"9170","also":"haulier"}"#).await;
    assert!(more[12].contains("Haulier"), "{more:?}");
}

#[tokio::test]
async fn a_start_message_that_says_nothing_is_refused() {
    assert_eq!(searched("{}").await, (Vec::new(), 1008));
}

#[tokio::test]
async fn files_are_handed_out() {
    let backend = backend().await;
    backend.publish(PublishedFile {
        path: "/a.js".to_owned(),
        content_type: "text/javascript",
        text: "1".to_owned(),
    });
    let mut client = Client::at(backend.address()).await;
    let answer = client
        .ask("GET /a.js?b HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    client.bytes(1).await.unwrap();
    let answer = client
        .ask("GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
