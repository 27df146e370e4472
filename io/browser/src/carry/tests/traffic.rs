//! Messages, closes and ends.

use std::sync::atomic::Ordering;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_back_as_they_were_in_order() {
    everything_comes_back(&ready().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_dial_back_is_linked_by_the_debugging_protocol() {
    everything_comes_back(&ready_with(LinkServer::deaf().await).await).await;
}

async fn everything_comes_back(ready: &Ready) {
    let (sender, mut receiver) = ready.open("/echo").await.expect("open").split();
    let large: Vec<u8> = (0..16 << 20)
        .map(|index: u32| (index % 251) as u8)
        .collect();
    let messages = [
        text(""),
        Message::Binary(Bytes::new()),
        text("\u{feff}grüße \u{1f6a2}\0"),
        Message::Binary(Bytes::from_static(&[0, 255, 128])),
        text(&"ü".repeat(100_000)),
        text(&"x".repeat(16 << 20)),
        Message::Binary(large.into()),
        text("end"),
    ];
    for message in &messages {
        sender.send(message.clone()).await.expect("send");
    }
    for message in messages {
        let event = next(&mut receiver).await;
        assert_same(event, &message);
    }
    for index in 0..2_000 {
        sender.send(text(&index.to_string())).await.expect("send");
    }
    for index in 0..2_000 {
        assert_eq!(
            next(&mut receiver).await,
            SocketEvent::Message(text(&index.to_string()))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_and_harms_nothing() {
    let ready = ready().await;
    let mut request = ready.request("/echo");
    request.message_bytes_max = 1_000;
    let (sender, mut receiver) = ready.carrier.open(&request).await.expect("open").split();
    let broken = Message::Text(Bytes::from_static(&[0xff]));
    assert_eq!(sender.send(broken).await, Err(Over::NotText));
    let outcome = sender.send(text(&"x".repeat(1_001))).await;
    assert_eq!(
        outcome,
        Err(Over::TooBig {
            bytes: 1_001,
            max: 1_000
        })
    );
    sender.send(text("fine")).await.expect("send");
    assert_eq!(
        next(&mut receiver).await,
        SocketEvent::Message(text("fine"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn close_codes_of_the_server_are_kept() {
    let ready = ready().await;
    for (path, code, reason) in [
        ("/close/1000", 1000, "because"),
        ("/close/1001", 1001, "because"),
        ("/close/1011", 1011, "because"),
        ("/close/4403", 4403, "because"),
        ("/close/none", 1005, ""),
    ] {
        let (_sender, mut receiver) = ready.open(path).await.expect("open").split();
        assert_eq!(
            next(&mut receiver).await,
            SocketEvent::Message(text("before the end"))
        );
        assert_eq!(
            next(&mut receiver).await,
            closed(code, reason, true),
            "{path}"
        );
        assert_eq!(receiver.next().await, None);
    }
    let (sender, mut receiver) = ready.open("/drop").await.expect("open").split();
    assert_eq!(
        next(&mut receiver).await,
        SocketEvent::Message(text("last words"))
    );
    assert_eq!(next(&mut receiver).await, closed(1006, "", false));
    assert_eq!(sender.send(text("late")).await, Err(Over::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn close_codes_of_ours_arrive_or_become_1000() {
    let ready = ready().await;
    for (code, sent) in [
        (Some(1000), Some(1000)),
        (Some(4999), Some(4999)),
        (Some(1001), Some(1000)),
        (None, None),
    ] {
        let (sender, mut receiver) = ready.open("/echo").await.expect("open").split();
        sender.send(text("first")).await.expect("send");
        let reason = if code.is_some() { "done" } else { "" };
        sender.close(code, reason).await;
        loop {
            match next(&mut receiver).await {
                SocketEvent::Message(message) => assert_eq!(message, text("first")),
                end @ SocketEvent::Closed { .. } => {
                    break assert_eq!(end, closed(sent.unwrap_or(1005), reason, true));
                }
            }
        }
        let seen = ready.server.seen.closes.lock().expect("closes").pop();
        assert_eq!(seen, Some((sent, reason.to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_a_close_arrives_though_both_halves_are_dropped() {
    let ready = ready().await;
    let (sender, receiver) = ready.open("/echo").await.expect("open").split();
    sender
        .send(text(&"x".repeat(1_000_000)))
        .await
        .expect("send");
    sender.close(Some(4001), "bye").await;
    drop((sender, receiver));
    let seen = &ready.server.seen;
    until(|| seen.ended.load(Ordering::SeqCst) > 0).await;
    let closes = seen.closes.lock().expect("closes").clone();
    assert_eq!(closes, [(Some(4001), "bye".to_owned())]);
    until(|| ready.carrier.sockets() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_socket_is_closed_at_the_server() {
    let ready = ready().await;
    drop(ready.open("/echo").await.expect("open"));
    until(|| ready.server.seen.ended.load(Ordering::SeqCst) > 0).await;
    assert_eq!(ready.carrier.sockets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_sockets_open_at_once_and_keep_their_messages_apart() {
    let ready = ready().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (carrier, request) = (
            ready.carrier.clone(),
            ready.request(&format!("/echo?{number}")),
        );
        tasks.spawn(async move {
            let (sender, mut receiver) = carrier.open(&request).await.expect("open").split();
            for index in 0..20 {
                let words = format!("{number}.{index}");
                sender.send(text(&words)).await.expect("send");
                assert_eq!(
                    next(&mut receiver).await,
                    SocketEvent::Message(text(&words))
                );
            }
        });
    }
    assert_eq!(tasks.join_all().await.len(), 100);
    assert_eq!(ready.carrier.pages(), 1);
}

/// Without printing megabytes where they differ.
fn assert_same(event: SocketEvent, message: &Message) {
    let SocketEvent::Message(came) = event else {
        panic!("{event:?} came instead of {} bytes", message.len());
    };
    assert!(
        came == *message,
        "{} bytes came instead of other {}",
        came.len(),
        message.len()
    );
}
