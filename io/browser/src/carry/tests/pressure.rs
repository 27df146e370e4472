//! Readers that do not read, and what they cost.

use std::sync::atomic::Ordering;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_stops_only_itself() {
    const BYTES: usize = 200_000_000;
    let ready = ready().await;
    let (_slow_sender, mut slow) = ready
        .open(&format!("/flood/{BYTES}"))
        .await
        .expect("open")
        .split();
    let (sender, mut receiver) = ready.open("/echo").await.expect("open").split();
    let before = ready.anonymous_bytes().await;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        sender.send(text("others")).await.expect("send");
        assert_eq!(
            next(&mut receiver).await,
            SocketEvent::Message(text("others"))
        );
    }
    let flooded = ready.server.seen.flooded.load(Ordering::SeqCst);
    assert!(
        flooded < BYTES / 4,
        "{flooded} bytes went into a socket that nobody reads"
    );
    let growth = ready.anonymous_bytes().await.saturating_sub(before);
    assert!(growth < GROWTH_MAX, "the browser grew by {growth} bytes");
    let mut bytes = 0;
    loop {
        match next(&mut slow).await {
            SocketEvent::Message(message) => bytes += message.len(),
            end @ SocketEvent::Closed { .. } => {
                break assert_eq!(end, closed(1000, "all", true), "after {bytes} bytes");
            }
        }
    }
    assert_eq!(bytes, BYTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_read_stops_only_its_sender() {
    let ready = ready().await;
    let (stuck, _receiver) = ready.open("/deaf").await.expect("open").split();
    let (sender, mut receiver) = ready.open("/echo").await.expect("open").split();
    let before = ready.anonymous_bytes().await;
    let mut accepted = 0;
    let message = Message::Binary(vec![7; 100_000].into());
    while let Ok(outcome) = timeout(Duration::from_secs(1), stuck.send(message.clone())).await {
        outcome.expect("it is open");
        accepted += message.len();
        assert!(accepted < 100_000_000, "nothing stops the sender");
    }
    sender.send(text("others")).await.expect("send");
    assert_eq!(
        next(&mut receiver).await,
        SocketEvent::Message(text("others"))
    );
    let growth = ready.anonymous_bytes().await.saturating_sub(before);
    assert!(growth < GROWTH_MAX, "the browser grew by {growth} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_socket_costs_little() {
    let ready = ready().await;
    let mut sockets = Vec::new();
    let mut open = async |count| {
        for _ in 0..count {
            sockets.push(ready.open("/echo").await.expect("open"));
        }
        ready.anonymous_bytes().await
    };
    let few = open(10).await;
    let many = open(90).await;
    let each = many.saturating_sub(few) / 90;
    assert!(each < 200_000, "a further socket costs {each} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_limit_ends_its_socket_with_a_reason() {
    let ready = ready().await;
    let mut request = ready.request("/flood/1000000");
    request.message_bytes_max = 9_999;
    let (_sender, mut receiver) = ready.carrier.open(&request).await.expect("open").split();
    let end = SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
        clean: false,
        lost: Some("a message of the server is over the limit of 9999 bytes".to_owned()),
    };
    assert_eq!(next(&mut receiver).await, end);
    until(|| ready.server.seen.ended.load(Ordering::SeqCst) > 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_message_passes_while_the_browser_tells_of_a_handshake() {
    let ready = ready().await;
    let (sender, mut receiver) = ready.open("/echo").await.expect("open").split();
    let (carrier, silent) = (ready.carrier.clone(), ready.request("/silent"));
    let watched = tokio::spawn(async move { carrier.open(&silent).await.map(drop) });
    until(|| ready.server.handshakes().len() == 2).await;
    // The debugging protocol writes each of these characters as six.
    let message = text(&"\u{1}".repeat(16 << 20));
    sender.send(message.clone()).await.expect("send");
    assert!(next(&mut receiver).await == SocketEvent::Message(message));
    watched.abort();
}

/// Windows, buffers of the browser's network, and what its memory does anyway.
const GROWTH_MAX: u64 = 40_000_000;
