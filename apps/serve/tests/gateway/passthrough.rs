//! Plain WebSockets: what the backend sees, what the client gets back, and that bytes stay as they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{Backend, METRICS, OPEN, Wire, gateway, handshake, metric};

#[tokio::test]
async fn the_backend_sees_the_client_s_request_and_who_it_is() {
    let mut backend = Backend::echo().await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    let more = "Origin: http://chat.example.com\r\nCookie: a=b; c=d\r\nUser-Agent: Test/1\r\n\
        Sec-WebSocket-Protocol: graphql-ws, chat\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
        X-Forwarded-For: 6.6.6.6\r\nX-Own: 1\r\nProxy-Connection: keep-alive\r\n";
    client.send(handshake("/socket?room=1&x=%20", more)).await;
    client.head().await;
    let expected = "GET /socket?room=1&x=%20 HTTP/1.1\r\n\
        Host: chat.example.com\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: graphql-ws, chat\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
        Origin: http://chat.example.com\r\n\
        Cookie: a=b; c=d\r\n\
        User-Agent: Test/1\r\n\
        X-Own: 1\r\n\
        X-Forwarded-For: 127.0.0.1\r\n\
        X-Forwarded-Proto: http\r\n\
        X-Forwarded-Host: chat.example.com\r\n\
        Forwarded: for=127.0.0.1;host=\"chat.example.com\";proto=http\r\n\r\n";
    assert_eq!(backend.seen().await, expected);
}

#[tokio::test]
async fn settings_choose_host_path_and_headers() {
    let mut backend = Backend::echo().await;
    let settings = format!(
        "[upstream]\nurl = \"ws://{}/base/\"\nhost = \"upstream\"\nforward_headers = [\"x-a\"]\ndrop_headers = [\"origin\"]\n",
        backend.address
    );
    let running = gateway(backend.address, &settings).await;
    let mut client = Wire::to(&running).await;
    let more = "Origin: http://chat.example.com\r\nCookie: a=b\r\nX-A: 1\r\nX-B: 1\r\n";
    client.send(handshake("/socket", more)).await;
    client.head().await;
    let seen = backend.seen().await;
    assert!(seen.starts_with("GET /base/socket HTTP/1.1\r\n"), "{seen}");
    assert!(
        seen.contains(&format!("Host: {}\r\n", backend.address)),
        "{seen}"
    );
    assert!(
        seen.contains("Cookie: a=b\r\n") && seen.contains("X-A: 1\r\n"),
        "{seen}"
    );
    assert!(!seen.contains("X-B") && !seen.contains("Origin"), "{seen}");
}

#[tokio::test]
async fn the_client_sees_the_backend_s_answer() {
    let backend = Backend::answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
        Sec-WebSocket-Extensions: permessage-deflate\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n\x81\x05hello",
    )
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    let head = client.head().await.to_ascii_lowercase();
    for line in [
        "http/1.1 101 switching protocols\r\n",
        "\r\nupgrade: websocket\r\n",
        "\r\nconnection: upgrade\r\n",
        "\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n",
        "\r\nsec-websocket-protocol: chat\r\n",
        "\r\nsec-websocket-extensions: permessage-deflate\r\n",
        "\r\nset-cookie: a=b\r\n",
        "\r\nset-cookie: c=d\r\n",
    ] {
        assert!(head.contains(line), "{line:?} in {head}");
    }
    assert!(!head.contains("content-length"), "{head}");
    // Bytes that came with the backend's head come first, and then its end.
    assert_eq!(client.rest().await, b"\x81\x05hello");
}

#[tokio::test]
async fn bytes_sent_together_with_the_handshake_are_not_lost_and_none_is_changed() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut first = handshake("/", "").into_bytes();
    first.extend(&all[..1000]);
    client.send(first).await;
    client.head().await;
    client.send(&all[1000..]).await;
    client.0.shutdown().await.unwrap();
    assert_eq!(client.rest().await, all);
}

#[tokio::test]
async fn a_refusal_comes_as_it_is_however_its_body_ends() {
    for (raw, body) in [
        (
            &b"HTTP/1.1 403 Nope\r\nX-Why: because\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nno way!"[..],
            "no way!",
        ),
        (
            b"HTTP/1.1 403 Nope\r\nX-Why: because\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno \r\n4\r\nway!\r\n0\r\n\r\n",
            "no way!",
        ),
        (
            b"HTTP/1.0 403 Nope\r\nX-Why: because\r\n\r\nno way!",
            "no way!",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Nope\r\nX-Why: because\r\nContent-Length: 0\r\n\r\n",
            "",
        ),
    ] {
        let backend = Backend::answers(raw).await;
        let running = gateway(backend.address, "").await;
        let mut client = Wire::to(&running).await;
        client.send(handshake("/", "")).await;
        let head = client.head().await.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 403 "), "{head}");
        assert!(head.contains("\r\nx-why: because\r\n"), "{head}");
        let length = format!("\r\ncontent-length: {}\r\n", body.len());
        assert!(head.contains(&length), "{head}");
        assert_eq!(client.take(body.len()).await, body.as_bytes());
        // The connection is still good for another request.
        client.send("GET /.towpath/health HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert!(client.head().await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_502() {
    for raw in [
        &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
        b"HTTP/1.1 101 Swi",
        b"",
        b"HTTP/1.1 abc\r\n\r\n",
    ] {
        let backend = Backend::answers(raw).await;
        let running = gateway(backend.address, "").await;
        let mut client = Wire::to(&running).await;
        client.send(handshake("/", "")).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 502 "), "{raw:?}: {head}");
    }
}

#[tokio::test]
async fn an_end_is_passed_on_from_either_side() {
    let backend = Backend::start(|mut wire| async move {
        wire.send(OPEN).await;
        assert_eq!(wire.take(1).await, b"x");
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    client.send("x").await;
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn a_slow_reader_stops_the_sender_and_loses_nothing() {
    const ALL: usize = 64 << 20;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let backend = Backend::start(move |mut wire| {
        let sent = counted.clone();
        async move {
            wire.send(OPEN).await;
            let piece: Vec<u8> = (0..=255).cycle().take(1 << 16).collect();
            for _ in 0..ALL / piece.len() {
                wire.send(&piece).await;
                sent.fetch_add(piece.len(), Ordering::Relaxed);
            }
        }
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    // Until it stands still.
    let mut seen = usize::MAX;
    while seen != sent.load(Ordering::Relaxed) || seen == 0 {
        seen = sent.load(Ordering::Relaxed);
        sleep(Duration::from_millis(300)).await;
    }
    assert!(seen < ALL, "the backend could send everything: {seen}");
    let all = client.rest().await;
    assert_eq!(all.len(), ALL);
    let right = |piece: &[u8]| {
        piece
            .iter()
            .zip(0..=255)
            .all(|(byte, expected)| *byte == expected)
    };
    assert!(all.chunks(256).all(right));
}

#[tokio::test]
async fn a_reader_that_takes_nothing_and_a_silent_pair_meet_their_limits() {
    let settings = format!("{METRICS}[limits]\nslow_reader_seconds = 1\nidle_seconds = 2\n");
    let flood = Backend::start(|mut wire| async move {
        wire.send(OPEN).await;
        let piece = vec![0; 1 << 20];
        while wire.0.write_all(&piece).await.is_ok() {}
    })
    .await;
    let running = gateway(flood.address, &settings).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    let limit = "towpath_limit_reached_total{limit=\"slow_reader_seconds\"}";
    while metric(&running, limit).await == 0 {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(metric(&running, "towpath_passthrough").await, 0);

    let silent = Backend::echo().await;
    let running = gateway(silent.address, &settings).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    client.head().await;
    assert_eq!(client.rest().await, b"");
    let limit = "towpath_limit_reached_total{limit=\"idle_seconds\"}";
    assert_eq!(metric(&running, limit).await, 1);
}

#[tokio::test]
async fn the_gateway_compresses_where_it_is_told_to_and_the_backend_does_not() {
    use towpath_websocket::{Connection, DeflateOffer, Event, Limits, Role};
    let backend = Backend::accepting_then(|mut wire: Wire<TcpStream>| async move {
        // Reads a frame without compression and answers with a longer one.
        assert_eq!(wire.take(2).await, [0x81, 0xe4]);
        wire.take(104).await;
        wire.send([&[0x81, 100][..], &[b'b'; 100]].concat()).await;
        wire.rest().await;
    })
    .await;
    let running = gateway(backend.address, "compression = true\n").await;
    let mut client = Wire::to(&running).await;
    let more = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    client.send(handshake("/", more)).await;
    let head = client.head().await.to_ascii_lowercase();
    let agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let line = format!("\r\nsec-websocket-extensions: {agreed}\r\n");
    assert!(head.contains(&line), "{head}");
    let parameters = DeflateOffer::BROWSER.answer_without_takeover();
    let mut end = Connection::new(Role::Client, Limits::default(), parameters);
    let mut wire = Vec::new();
    let text = "a".repeat(100);
    end.send_text(&text, || [1, 2, 3, 4], &mut wire).unwrap();
    assert!(wire[0] & 0x40 != 0 && wire.len() < 50, "{wire:?}");
    client.send(&wire).await;
    let first = client.take(2).await;
    let rest = client.take(usize::from(first[1])).await;
    assert!(first[0] & 0x40 != 0 && rest.len() < 50, "{first:?}");
    let events = end.feed(&[first, rest].concat());
    let [Event::Message { message, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(message.payload, [b'b'; 100]);
}
