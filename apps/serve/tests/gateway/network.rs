//! What stands in front: PROXY protocol and trusted hops.

use proptest::collection::vec;
use proptest::prelude::{any, proptest};

use crate::support::{Backend, Wire, gateway, handshake};

#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../../fuzz/bodies/proxy_protocol.rs"]
mod proxy_protocol;

proptest! {
    #[test]
    fn proxy_protocol_of_any_bytes(
        begin in "(PROXY (TCP4|TCP6|UNKNOWN)?( [0-9a-f.:]{1,15}){0,3}|\\r\\n\\r\\n\\x00\\r\\nQUIT\\n)?",
        rest in vec(any::<u8>(), 0..300),
    ) {
        proxy_protocol::run(&[begin.as_bytes(), &rest].concat());
    }
}

const PROXY: &str = "[network]\nproxy_protocol = true\nproxy_protocol_from = [\"127.0.0.0/8\"]\n";

#[tokio::test]
async fn proxy_protocol_names_the_client_to_the_backend() {
    let mut backend = Backend::echo().await;
    let running = gateway(backend.address, PROXY).await;
    let mut binary = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    binary.extend([192, 0, 2, 9, 10, 0, 0, 1, 0x12, 0x67, 0, 80]);
    for (header, address) in [
        (
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n".to_vec(),
            "192.0.2.7",
        ),
        (binary, "192.0.2.9"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
    ] {
        let mut client = Wire::to(&running).await;
        client
            .send([header, handshake("/", "").into_bytes()].concat())
            .await;
        assert!(client.head().await.starts_with("HTTP/1.1 101"));
        let seen = backend.seen().await;
        let line = format!("\r\nX-Forwarded-For: {address}\r\n");
        assert!(seen.contains(&line), "{seen}");
    }
}

#[tokio::test]
async fn without_the_header_or_from_a_stranger_there_is_no_connection() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, PROXY).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    assert_eq!(client.rest().await, b"");
    let settings = PROXY.replace("127.0.0.0/8", "192.0.2.0/24");
    let running = gateway(backend.address, &settings).await;
    let mut client = Wire::to(&running).await;
    let header = "PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n";
    client.send(format!("{header}{}", handshake("/", ""))).await;
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn a_trusted_hop_decides_address_scheme_and_host() {
    let mut backend = Backend::echo().await;
    let settings = "[network]\ntrusted_hops = [\"127.0.0.1\"]\n";
    let running = gateway(backend.address, settings).await;
    let mut client = Wire::to(&running).await;
    // The page is https://app.example.com, though the request here says neither.
    let more = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: app.example.com\r\nOrigin: https://app.example.com\r\n";
    client.send(handshake("/", more)).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    let seen = backend.seen().await;
    for line in [
        "Host: app.example.com",
        "X-Forwarded-For: 192.0.2.7, 127.0.0.1",
        "X-Forwarded-Proto: https",
        "Forwarded: for=192.0.2.7;host=\"app.example.com\";proto=https",
    ] {
        assert!(seen.contains(&format!("\r\n{line}\r\n")), "{line}: {seen}");
    }
}
