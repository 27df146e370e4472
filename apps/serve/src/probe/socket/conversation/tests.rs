use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use towpath_websocket::FrameHeader;

use super::*;
use crate::config::Settings;

/// A conversation under way, and the client's end of its stream.
async fn begun(mode: Mode) -> (TcpStream, tokio::task::JoinHandle<Attachment>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = TcpStream::connect(address).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    let conversation = Conversation {
        gateway: Gateway::new(Settings::default()).unwrap(),
        mode,
        deflate: None,
        http2: false,
    };
    let stream = ClientStream {
        stream: LegStream::plain(server),
        leftover: Bytes::new(),
    };
    (client, tokio::spawn(conversation.run(stream)))
}

/// A text frame as a client sends it.
fn frame(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = FrameHeader::text(text.len()).masked([1, 2, 3, 4]);
    towpath_websocket::encode_frame(&header, text, &mut out);
    out
}

/// The close frame that a client was sent, as code and reason.
fn closed(bytes: &[u8]) -> (u16, &str) {
    let close = bytes.len() - bytes.iter().rev().position(|byte| *byte == 0x88).unwrap();
    let payload = &bytes[close + 1..];
    let code = u16::from_be_bytes([payload[0], payload[1]]);
    (code, std::str::from_utf8(&payload[2..]).unwrap())
}

fn ended_by(attachment: &Attachment) -> &str {
    match &attachment.end {
        AttachmentEnd::Gateway { outcome } => outcome,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_left_alone_for_seventy_five_seconds() {
    let (mut client, running) = begun(Mode::Silent).await;
    let mut got = Vec::new();
    client.read_to_end(&mut got).await.unwrap();
    assert_eq!((got.len(), closed(&got)), (8, (1000, "idle")));
    drop(client);
    let seen = running.await.unwrap();
    assert_eq!(seen.end, AttachmentEnd::Silent);
    assert_eq!(seen.age_ms / 1000, 75);
    assert!(!seen.attached && seen.first_up_ms.is_none());
    assert_eq!((seen.messages_up, seen.messages_down), (Some(0), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn a_busy_client_is_let_talk_for_three_minutes() {
    let (mut client, running) = begun(Mode::First).await;
    for _ in 0..3 {
        sleep(Duration::from_secs(50)).await;
        client.write_all(&frame(b"hi")).await.unwrap();
    }
    let mut got = Vec::new();
    client.read_to_end(&mut got).await.unwrap();
    assert_eq!(closed(&got), (1000, "old"));
    drop(client);
    let seen = running.await.unwrap();
    assert_eq!(ended_by(&seen), "old");
    assert_eq!(seen.age_ms / 1000, 180);
    assert_eq!(seen.first_up_ms.map(|ms| ms / 1000), Some(50));
    assert_eq!((seen.messages_up, seen.messages_down), (Some(3), Some(4)));
    assert!(seen.attached && seen.silent_up_ms / 1000 == 30);
}

#[tokio::test]
async fn how_the_client_ended_is_told_apart() {
    let (mut client, running) = begun(Mode::Echo).await;
    client.write_all(&frame(b"hi")).await.unwrap();
    let mut echo = [0; 4];
    client.read_exact(&mut echo).await.unwrap();
    client.shutdown().await.unwrap();
    let seen = running.await.unwrap();
    assert_eq!(seen.end, AttachmentEnd::EndOfStream);
    assert_eq!((seen.bytes_up, seen.bytes_down), (8, 4));

    let (client, running) = begun(Mode::First).await;
    // With its greeting unread, the end of this socket is a reset.
    client.readable().await.unwrap();
    drop(client);
    assert_eq!(running.await.unwrap().end, AttachmentEnd::Reset);

    let (mut client, running) = begun(Mode::Echo).await;
    let mut close = Vec::new();
    let header = FrameHeader::close(0).masked([0; 4]);
    towpath_websocket::encode_frame(&header, &[], &mut close);
    client.write_all(&close).await.unwrap();
    let mut got = Vec::new();
    client.read_to_end(&mut got).await.unwrap();
    drop(client);
    let by_client = true;
    let expected = AttachmentEnd::Closed {
        by_client,
        code: None,
    };
    assert_eq!(got, [0x88, 0]);
    assert_eq!(running.await.unwrap().end, expected);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_does_not_hold_its_place() {
    let (mut client, running) = begun(Mode::Echo).await;
    let message = frame(&vec![b'x'; 1 << 20]);
    // It is cut while it writes, or when it wants to write on.
    while client.write_all(&message).await.is_ok() {}
    assert_eq!(ended_by(&running.await.unwrap()), "slow_reader_seconds");
}
