//! A backend that cannot be reached or does not answer.

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::support::{Backend, METRICS, Wire, gateway, handshake, metric};

#[tokio::test]
async fn nobody_there_is_502_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let running = gateway(address, METRICS).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    let failed = "towpath_handshakes_total{outcome=\"unreachable\"}";
    assert_eq!(metric(&running, failed).await, 1);
    let mut client = Wire::to(&running).await;
    client.send("GET /page HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn a_backend_that_hangs_is_504_after_the_limit() {
    let backend = Backend::start(|mut wire| async move {
        drop(wire.0.read_u8().await);
    })
    .await;
    let settings = format!("{METRICS}[limits]\nhandshake_seconds = 1.5\nanswer_seconds = 1.5\n");
    let running = gateway(backend.address, &settings).await;
    for request in [
        handshake("/", ""),
        "GET /page HTTP/1.1\r\nHost: h\r\n\r\n".into(),
    ] {
        let mut client = Wire::to(&running).await;
        client.send(request).await;
        assert!(client.head().await.starts_with("HTTP/1.1 504 "));
    }
    for limit in ["handshake_seconds", "answer_seconds"] {
        let limit = format!("towpath_limit_reached_total{{limit=\"{limit}\"}}");
        assert_eq!(metric(&running, &limit).await, 1, "{limit}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_the_handshake_frees_the_backend() {
    let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let mut backend = Backend::start(move |mut wire| {
        let told = told.clone();
        async move {
            wire.rest().await;
            told.send(()).unwrap();
        }
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    backend.seen().await;
    client.0.set_zero_linger().unwrap();
    drop(client);
    let ended = tokio::time::timeout(crate::support::PATIENCE, ended.recv()).await;
    assert_eq!(ended.unwrap(), Some(()));
}

#[tokio::test]
async fn a_head_without_end_is_cut_at_the_limit() {
    let backend = Backend::start(|mut wire| async move {
        wire.send("HTTP/1.1 200 OK\r\nX: ").await;
        let junk = vec![b'x'; 65_536];
        while tokio::io::AsyncWriteExt::write_all(&mut wire.0, &junk)
            .await
            .is_ok()
        {}
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}
