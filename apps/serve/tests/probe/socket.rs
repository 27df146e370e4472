//! `websocket`: its modes, compression, what is too much, and its ends.

use tokio::time::timeout;
use towpath_websocket::{DeflateParameters, Event, FrameHeader, MessageKind};

use crate::client::{OFFER, PATIENCE, Socket, ask, attempt, gateway, handshake, head};

#[tokio::test]
async fn everything_comes_back_as_it_was() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let mut socket = Socket::open(address, &format!("attempt={attempt}&mode=echo")).await;
    assert!(socket.head.contains("towpath-probe.1"), "{}", socket.head);
    assert!(
        !socket.head.to_lowercase().contains("extensions"),
        "{}",
        socket.head
    );
    socket.say("one").await;
    assert_eq!(socket.text().await, "one");
    let large: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    socket.frame(FrameHeader::binary(large.len()), &large).await;
    match socket.next().await {
        Some(Event::Message { message, .. }) => {
            assert_eq!(message.kind, MessageKind::Binary);
            assert!(message.payload == large);
        }
        other => panic!("{other:?}"),
    }
    socket.frame(FrameHeader::ping(2), b"hi").await;
    assert_eq!(socket.next().await, Some(Event::Pong(b"hi".to_vec())));
    socket
        .frame(FrameHeader::close(2), &4001_u16.to_be_bytes())
        .await;
    assert_eq!(socket.closed().await, Some(4001));
    assert_eq!(socket.next().await, None);
}

#[tokio::test]
async fn each_mode_says_what_it_says_and_no_more() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let mut first = Socket::open(address, &format!("attempt={attempt}&mode=first")).await;
    assert_eq!(first.text().await, "hello");
    first.say("a").await;
    assert_eq!(first.text().await, "a");
    let mut silent = Socket::open(address, &format!("attempt={attempt}&mode=silent")).await;
    let nothing = timeout(std::time::Duration::from_millis(300), silent.next()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    silent.say("are you there").await;
    assert_eq!(silent.text().await, "are you there");
}

#[tokio::test]
async fn compression_needs_an_offer_and_the_word() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let unasked = Socket::open_with(address, &format!("attempt={attempt}"), offer, None).await;
    assert!(
        !unasked.head.contains("permessage-deflate"),
        "{}",
        unasked.head
    );
    let query = format!("attempt={attempt}&deflate=1");
    let unoffered = Socket::open(address, &query).await;
    assert!(
        !unoffered.head.contains("permessage-deflate"),
        "{}",
        unoffered.head
    );
    let agreed = DeflateParameters {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..DeflateParameters::default()
    };
    let mut socket = Socket::open_with(address, &query, offer, Some(agreed)).await;
    assert!(
        socket
            .head
            .contains("permessage-deflate; server_no_context_takeover"),
        "{}",
        socket.head
    );
    let text = "towpath ".repeat(1000);
    for _ in 0..2 {
        socket.say(&text).await;
        assert_eq!(socket.text().await, text);
    }
}

#[tokio::test]
async fn what_is_too_large_or_wrong_is_closed_by_its_code() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let query = format!("attempt={attempt}&deflate=1");
    let mut large = Socket::open(address, &query).await;
    let half = vec![b'x'; 700_000];
    let mut frame = FrameHeader::binary(half.len());
    frame.fin = false;
    large.frame(frame, &half).await;
    large
        .frame(
            FrameHeader::new(towpath_websocket::Opcode::Continuation, half.len()),
            &half,
        )
        .await;
    assert_eq!(large.closed().await, Some(1009));

    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let agreed = Some(DeflateParameters {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..DeflateParameters::default()
    });
    let mut bomb = Socket::open_with(address, &query, offer, agreed).await;
    bomb.say(&" ".repeat(8 << 20)).await;
    assert_eq!(bomb.closed().await, Some(1009));

    let mut many = Socket::open_with(address, &query, offer, agreed).await;
    for _ in 0..8 {
        many.say(&" ".repeat(1 << 20)).await;
        assert_eq!(many.text().await.len(), 1 << 20);
    }
    many.say("one more").await;
    assert_eq!(many.closed().await, Some(1008));

    let mut wrong = Socket::open(address, &query).await;
    wrong.frame(FrameHeader::text(2), &[0xc3, 0x28]).await;
    assert_eq!(wrong.closed().await, Some(1007));
    let mut reserved = Socket::open(address, &query).await;
    reserved
        .frame(
            FrameHeader::new(towpath_websocket::Opcode::Text, 2).compressed(),
            b"hi",
        )
        .await;
    assert_eq!(reserved.closed().await, Some(1002));
}

#[tokio::test]
async fn a_handshake_that_lost_a_part_is_told_which() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let target = format!("/.towpath/probe/websocket?attempt={attempt}");
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let stripped = ask(
        address,
        head("GET", &target, address, &format!("{key}{OFFER}")),
    )
    .await;
    assert_eq!(stripped.status, 426, "{stripped:?}");
    assert_eq!(stripped.header("upgrade"), Some("websocket"));
    let query = format!("attempt={attempt}");
    let close = "Connection: close\r\n";
    let no_offer = ask(address, handshake(address, &query, close)).await;
    assert_eq!(no_offer.status, 400, "{no_offer:?}");
    let other = format!("Sec-WebSocket-Protocol: chat\r\n{close}");
    assert_eq!(
        ask(address, handshake(address, &query, &other))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_drain_closes_with_service_restart() {
    let (running, address) = gateway(|settings| {
        settings.drain_seconds = towpath_serve::config::Seconds::whole(5);
    })
    .await;
    let attempt = attempt(address).await;
    let mut socket = Socket::open(address, &format!("attempt={attempt}&mode=silent")).await;
    let drained = tokio::spawn(running.drain());
    assert_eq!(socket.closed().await, Some(1012));
    drop(socket);
    timeout(PATIENCE, drained).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_websocket_over_http2_is_the_same() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let url = format!("http://{address}/.towpath/probe/");
    // The first answer comes behind the settings that allow extended CONNECT.
    let fetch = http::Request::get(format!("{url}fetch?attempt={attempt}"));
    let (answer, _) = client.send_request(fetch.body(()).unwrap(), true).unwrap();
    let mut body = answer.await.unwrap().into_body();
    let seen = body.data().await.unwrap().unwrap();
    assert!(seen.windows(6).any(|part| part == b"HTTP/2"), "{seen:?}");
    let connect = http::Request::connect(format!("{url}websocket?attempt={attempt}&mode=first"))
        .extension(h2::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "towpath-probe.1")
        .header("origin", format!("http://{address}"));
    let (answer, mut up) = client
        .send_request(connect.body(()).unwrap(), false)
        .unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["sec-websocket-protocol"],
        "towpath-probe.1"
    );
    let mut body = answer.into_body();
    assert_eq!(body.data().await.unwrap().unwrap(), &b"\x81\x05hello"[..]);
    let close = [0x88, 0x80, 0, 0, 0, 0];
    up.send_data(bytes::Bytes::copy_from_slice(&close), false)
        .unwrap();
    assert_eq!(body.data().await.unwrap().unwrap(), &b"\x88\x00"[..]);
}
