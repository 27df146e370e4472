//! The TLS hello is looked at before the library gets it: whatever its bytes do on the way, TLS comes out as without
//! that, and what it offered is known.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::support::{Backend, PATIENCE, Wire};
use crate::tls;

/// A path to the gateway that hands on one byte at a time for so long, each by itself.
async fn in_pieces(to: std::net::SocketAddr, pieces: usize) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut client, _) = listener.accept().await.unwrap();
    let mut gateway = TcpStream::connect(to).await.unwrap();
    gateway.set_nodelay(true).unwrap();
    tokio::spawn(async move {
        for _ in 0..pieces {
            let byte = client.read_u8().await.unwrap();
            gateway.write_u8(byte).await.unwrap();
            tokio::task::yield_now().await;
        }
        let _ = tokio::io::copy_bidirectional(&mut client, &mut gateway).await;
    });
    near
}

/// What the gateway answers of the hello it saw.
async fn seen(
    wire: &mut Wire<impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>,
) -> String {
    wire.send(
        "POST /.towpath/probe/begin HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\
         Content-Length: 2\r\n\r\n{}",
    )
    .await;
    let head = wire.head().await;
    let length = head.to_lowercase();
    let length = length.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let begun: serde_json::Value = serde_json::from_slice(&wire.take(length).await).unwrap();
    let attempt = begun["attempt"].as_str().unwrap();
    wire.send(format!(
        "GET /.towpath/probe/fetch?attempt={attempt} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    ))
    .await;
    wire.head().await;
    String::from_utf8(wire.rest().await).unwrap()
}

#[tokio::test]
async fn a_hello_byte_by_byte_opens_and_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = tls::write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = tls::secure(&backend, folder.path()).await;
    let mut known = Vec::new();
    for pieces in [0, 600] {
        let stream = in_pieces(running.addresses()[0], pieces).await;
        let stream = tls::secured(stream, &certificate, &[b"http/1.1"]);
        let stream = timeout(PATIENCE, stream).await.unwrap().unwrap();
        known.push(seen(&mut Wire(stream)).await);
    }
    let ja4 = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value["hello"].as_str().unwrap().to_owned()
    };
    assert_eq!(ja4(&known[0]), ja4(&known[1]));
    assert!(ja4(&known[0]).starts_with("t13d"), "{}", known[0]);
    for one in &known {
        let value: serde_json::Value = serde_json::from_str(one).unwrap();
        let took = value["round_trip_us"].as_u64();
        assert!(took.is_some_and(|took| took > 0), "the handshake's: {one}");
    }
}

#[tokio::test]
async fn what_is_no_hello_gets_an_alert_and_an_end() {
    let folder = tempfile::tempdir().unwrap();
    tls::write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = tls::secure(&backend, folder.path()).await;
    for first in [
        b"\x16\x03\x01\x00\x04\x01\x00\x00\x00".to_vec(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ] {
        let mut stream = TcpStream::connect(running.addresses()[0]).await.unwrap();
        stream.write_all(&first).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "it ends");
        assert_eq!(answer.first(), Some(&21), "an alert to {first:?}");
    }
}

#[tokio::test]
async fn a_hello_that_comes_slowly_is_still_taken() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = tls::write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = tls::secure(&backend, folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut client, _) = listener.accept().await.unwrap();
    let mut gateway = TcpStream::connect(running.addresses()[0]).await.unwrap();
    tokio::spawn(async move {
        let mut half = [0; 100];
        client.read_exact(&mut half).await.unwrap();
        gateway.write_all(&half).await.unwrap();
        // Longer than the gateway looks at hellos, shorter than its limit on heads.
        sleep(Duration::from_millis(5_500)).await;
        let _ = tokio::io::copy_bidirectional(&mut client, &mut gateway).await;
    });
    let stream = tls::secured(near, &certificate, &[b"http/1.1"]);
    let stream = timeout(PATIENCE, stream).await.unwrap().unwrap();
    assert!(seen(&mut Wire(stream)).await.contains("\"hello\":null"));
}

#[tokio::test]
async fn a_hello_above_the_limit_opens_and_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = tls::write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = tls::secure(&backend, folder.path()).await;
    let names: Vec<Vec<u8>> = (0..80)
        .map(|number| vec![b'a' + number % 26; 255])
        .collect();
    let mut alpn: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    alpn.push(b"http/1.1");
    let stream = TcpStream::connect(running.addresses()[0]).await.unwrap();
    let stream = tls::secured(stream, &certificate, &alpn);
    let stream = timeout(PATIENCE, stream).await.unwrap().unwrap();
    assert!(seen(&mut Wire(stream)).await.contains("\"hello\":null"));
}
