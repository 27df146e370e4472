//! The gateway's end against a client's frames.

use super::*;
use std::future::poll_fn;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use towpath_websocket::{FrameHeader, encode_close, encode_frame};

fn masked(header: FrameHeader, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_frame(&header.masked([9, 8, 7, 6]), payload, &mut bytes);
    bytes
}

async fn receive(bytes: &[u8]) -> (Vec<u8>, Result<Received, SocketError>, Vec<u8>) {
    let (stream, mut peer) = duplex(1 << 20);
    let mut socket = ServerSocket::new(stream);
    peer.write_all(bytes).await.unwrap();
    peer.shutdown().await.unwrap();
    let mut payload = Vec::new();
    let mut scratch = vec![0; 1024];
    let result = loop {
        let received = poll_fn(|cx| {
            socket.poll_receive(cx, &mut scratch, |bytes| payload.extend_from_slice(bytes))
        })
        .await;
        match received {
            Ok(Received::Bytes(_)) => {}
            other => break other,
        }
    };
    poll_fn(|cx| socket.poll_shutdown(cx)).await.unwrap();
    drop(socket);
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    (payload, result, answer)
}

#[tokio::test]
async fn payloads_come_through_and_a_close_is_answered() {
    let mut bytes = masked(FrameHeader::binary(3), b"abc");
    bytes.extend(masked(FrameHeader::binary(1).unfinished(), b"d"));
    bytes.extend(masked(FrameHeader::continuation(1), b"e"));
    bytes.extend(masked(
        FrameHeader::close(4),
        &encode_close(CloseCode(4001), b"no"),
    ));
    let (payload, result, answer) = receive(&bytes).await;
    assert_eq!(payload, b"abcde");
    assert_eq!(result.unwrap(), Received::Closed);
    assert_eq!(answer, [0x88, 2, 0x0f, 0xa1]);
}

#[tokio::test]
async fn an_end_without_a_close_and_text_are_told_apart() {
    let (_, result, _) = receive(&masked(FrameHeader::binary(3), b"abc")).await;
    assert_eq!(result.unwrap(), Received::Ended);
    let (_, result, _) = receive(&masked(FrameHeader::text(3), b"abc")).await;
    assert!(matches!(result, Err(SocketError::NotBinary)));
    let (_, result, _) = receive(&masked(FrameHeader::binary(70_000), &vec![0; 70_000])).await;
    assert!(matches!(result, Err(SocketError::Frames(_))));
}
