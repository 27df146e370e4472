//! The end of a gateway.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::support::{Backend, PATIENCE, Wire, gateway, handshake};

/// A server's close frame with 1012.
const CLOSE: &[u8] = &[0x88, 2, 0x03, 0xf4];

#[tokio::test]
async fn plain_websockets_get_a_close_between_two_frames_and_their_answer_reaches_the_backend() {
    let (told, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let (go, gate) = tokio::sync::watch::channel(false);
    let backend = Backend::accepting_then(move |mut wire: Wire<TcpStream>| {
        let (told, mut gate) = (told.clone(), gate.clone());
        async move {
            // Half a frame, and the rest of it only when the gateway drains.
            wire.send(b"\x81\x0ahello").await;
            gate.wait_for(|go| *go).await.unwrap();
            wire.send(b"world").await;
            told.send(wire.rest().await).unwrap();
        }
    })
    .await;
    let running = gateway(backend.address, "drain_seconds = 8\n").await;
    let address = running.addresses()[0];
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    assert_eq!(client.take(7).await, b"\x81\x0ahello");
    let drained = tokio::spawn(running.drain());
    // Nothing new is taken any more.
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.unwrap();
    // The turn comes within six seconds; until the frame is whole nothing may be put between.
    go.send(true).unwrap();
    assert_eq!(client.take(9).await, [&b"world"[..], CLOSE].concat());
    let answer = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf4];
    client.send(answer).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(answers.recv().await.unwrap(), answer);
    timeout(PATIENCE, drained).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut() {
    let backend = Backend::accepting_then(|mut wire: Wire<TcpStream>| async move {
        wire.send(b"\x81\x0ahello").await;
        wire.rest().await;
    })
    .await;
    let running = gateway(backend.address, "drain_seconds = 1\n").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    client.take(7).await;
    timeout(PATIENCE, running.drain()).await.unwrap();
}

#[tokio::test]
async fn a_connection_without_work_ends_at_once_and_health_says_so_on_open_ones() {
    let asked_for_health = Arc::new(Notify::new());
    let shared = asked_for_health.clone();
    let mut backend = Backend::start(move |mut wire| {
        let go = shared.clone();
        async move {
            go.notified().await;
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .await;
        }
    })
    .await;
    let settings = "drain_seconds = 20\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
    let running = gateway(backend.address, settings).await;
    let monitor = running.metrics_address().unwrap();
    let mut idle = Wire::to(&running).await;
    idle.send("GET /.towpath/health HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    assert!(idle.head().await.starts_with("HTTP/1.1 200"));
    let mut busy = Wire::to(&running).await;
    busy.send("GET /page HTTP/1.1\r\nHost: h\r\n\r\n").await;
    backend.seen().await;
    let drained = tokio::spawn(running.drain());
    idle.rest().await;
    let mut asked = Wire(TcpStream::connect(monitor).await.unwrap());
    asked.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(asked.head().await.starts_with("HTTP/1.1 503"));
    asked_for_health.notify_one();
    // What was asked before is still answered.
    assert!(busy.head().await.starts_with("HTTP/1.1 200"));
    timeout(PATIENCE, drained).await.unwrap().unwrap();
}
