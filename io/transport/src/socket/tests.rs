//! The socket over an in-memory stream.

use super::*;
use std::future::poll_fn;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use towpath_websocket::{Connection, Event, Limits};

async fn read_event(peer: &mut DuplexStream, connection: &mut Connection) -> Event {
    loop {
        let mut bytes = [0; 64];
        let read = peer.read(&mut bytes).await.unwrap();
        assert!(read > 0, "the stream ended");
        if let Some(event) = connection.feed(&bytes[..read]).into_iter().next() {
            return event;
        }
    }
}

#[tokio::test]
async fn pings_are_answered_and_nothing_is_kept() {
    for role in [Role::Server, Role::Client] {
        let (stream, mut peer) = duplex(1024);
        let mut socket = Socket::new(stream, role, 100);
        let mut ping = Vec::new();
        let mask = (role == Role::Server).then_some([1, 2, 3, 4]);
        encode_frame(
            &FrameHeader {
                mask,
                ..FrameHeader::ping(2)
            },
            b"hi",
            &mut ping,
        );
        peer.write_all(&ping).await.unwrap();
        let mut scratch = [0; 100];
        poll_fn(|cx| socket.poll_pieces(cx, &mut scratch, |piece| panic!("{piece:?}")))
            .await
            .unwrap();
        poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
        let mut connection = Connection::new(role.peer(), Limits::default(), None);
        let pong = read_event(&mut peer, &mut connection).await;
        assert_eq!(pong, Event::Pong(b"hi".to_vec()), "{role:?}");
        assert_eq!(socket.queued.capacity(), 0, "an idle socket owns no buffer");
    }
}

#[tokio::test]
async fn a_peer_that_only_asks_is_not_read_further() {
    let (stream, mut peer) = duplex(1 << 20);
    let mut socket = Socket::new(stream, Role::Client, 100);
    let mut ping = Vec::new();
    encode_frame(&FrameHeader::ping(125), &[0; 125], &mut ping);
    for _ in 0..5000 {
        peer.write_all(&ping).await.unwrap();
    }
    let mut scratch = vec![0; 65_536];
    let mut reads = 0;
    poll_fn(|cx| {
        while socket.poll_pieces(cx, &mut scratch, |_| ()).is_ready() {
            reads += 1;
        }
        Poll::Ready(())
    })
    .await;
    assert!(reads < 10, "{reads} reads");
    assert!(socket.queued_bytes() < QUEUED_BYTES_MAX + 2 * scratch.len());
}

#[tokio::test]
async fn messages_of_any_size_get_the_shortest_header() {
    for length in [1, 125, 126, 65_535] {
        let (stream, mut peer) = duplex(1 << 20);
        let mut socket = Socket::new(stream, Role::Server, 100);
        socket.queue_with(Opcode::Binary, |_| ());
        assert!(socket.is_flushed(), "nothing to say is not said");
        socket.queue_with(Opcode::Binary, |out| out.extend(vec![7; length]));
        socket.queue_close(Some(CloseCode::NORMAL), b"");
        socket.queue_with(Opcode::Binary, |out| out.push(1));
        poll_fn(|cx| socket.poll_shutdown(cx)).await.unwrap();
        let mut bytes = Vec::new();
        drop(socket);
        peer.read_to_end(&mut bytes).await.unwrap();
        let mut expected = Vec::new();
        encode_frame(
            &FrameHeader::binary(length),
            &vec![7; length],
            &mut expected,
        );
        encode_frame(&FrameHeader::close(2), &[0x03, 0xe8], &mut expected);
        assert!(bytes == expected, "{length} bytes");
    }
}

#[tokio::test]
async fn masks_differ() {
    let (stream, mut peer) = duplex(1 << 20);
    let mut socket = Socket::new(stream, Role::Client, 100);
    socket.queue(FrameHeader::binary(4), &[0; 4]);
    socket.queue(FrameHeader::binary(4), &[0; 4]);
    poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
    let mut bytes = [0; 20];
    peer.read_exact(&mut bytes).await.unwrap();
    assert_ne!(bytes[2..6], bytes[12..16]);
}
