use std::task::{Context, Waker};

use super::*;
use crate::carry::record::Reader;
use crate::carry::request::HandshakeAnswer;
use crate::carry::socket::{BrowserSocket, SocketEvent};

fn open(hub: &Arc<Hub>) -> BrowserSocket {
    let (handle, _opening) = hub.open("ws://a.example/", &[], 1 << 20).expect("room");
    hub.arrived(record(Kind::Opened, handle.state.number, b"{}"))
        .expect("in order");
    BrowserSocket {
        handle,
        answer: HandshakeAnswer {
            status: 101,
            headers: Vec::new(),
        },
        subprotocol: String::new(),
        note: String::new(),
    }
}

fn record(kind: Kind, socket: u32, payload: &[u8]) -> Record {
    Record {
        kind,
        socket,
        payload: Bytes::copy_from_slice(payload),
    }
}

/// What the link would send now.
fn sent(hub: &Hub) -> Vec<Record> {
    let mut records = Vec::new();
    if let Poll::Ready(batch) = hub.take_outgoing(&mut Context::from_waker(Waker::noop())) {
        let mut reader = Reader::new(1 << 20);
        reader
            .feed(&batch, |record| records.push(record))
            .expect("records");
    }
    records
}

#[tokio::test]
async fn a_sender_without_credit_waits_for_it_and_the_others_do_not() {
    let hub = Arc::new(Hub::default());
    let (stuck, _first) = open(&hub).split();
    let (free, _second) = open(&hub).split();
    let large = Message::Binary(vec![0; WINDOW_BYTES as usize].into());
    stuck.send(large.clone()).await.expect("it may overdraw");
    let more = stuck.send(large);
    tokio::pin!(more);
    tokio::select! {
        biased;
        _ = &mut more => panic!("it was sent without credit"),
        () = tokio::task::yield_now() => {}
    }
    free.send(Message::Text(Bytes::from_static(b"x")))
        .await
        .expect("send");
    hub.arrived(record(Kind::Credit, 1, &(2 * WINDOW_BYTES).to_be_bytes()))
        .expect("credit");
    more.await.expect("send");
    let kinds: Vec<_> = sent(&hub)
        .iter()
        .map(|record| (record.kind, record.socket))
        .collect();
    let expected = [
        (Kind::Open, 1),
        (Kind::Open, 2),
        (Kind::Binary, 1),
        (Kind::Text, 2),
        (Kind::Binary, 1),
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn what_the_caller_takes_is_granted_again() {
    let hub = Arc::new(Hub::default());
    let (_sender, mut receiver) = open(&hub).split();
    sent(&hub);
    let half = vec![0; WINDOW_BYTES as usize / 2];
    hub.arrived(record(Kind::Binary, 1, &half))
        .expect("in its window");
    assert_eq!(sent(&hub), []);
    receiver.next().await.expect("message");
    let granted = u32::try_from(half.len() + MESSAGE_COST_BYTES).expect("small");
    assert_eq!(
        sent(&hub),
        [record(Kind::Credit, 1, &granted.to_be_bytes())]
    );
}

#[test]
fn a_page_that_ignores_its_window_breaks_the_rules() {
    let hub = Arc::new(Hub::default());
    let _socket = open(&hub);
    let message = vec![0; 64 * 1024];
    let outcomes = (0..20).map(|_| hub.arrived(record(Kind::Binary, 1, &message)));
    assert!(outcomes.collect::<Result<Vec<()>, String>>().is_err());
}

#[test]
fn records_that_pages_do_not_send_and_text_that_is_none_are_errors() {
    for (kind, payload) in [
        (Kind::Open, &b"{}"[..]),
        (Kind::Close, &[0, 0]),
        (Kind::Abandon, &[]),
        (Kind::Credit, &[1]),
        (Kind::Closed, &[1]),
        (Kind::Text, &[0xff]),
    ] {
        let hub = Arc::new(Hub::default());
        let _socket = open(&hub);
        assert!(hub.arrived(record(kind, 1, payload)).is_err(), "{kind:?}");
    }
}

#[test]
fn records_for_a_socket_that_was_given_up_are_passed_over() {
    let hub = Arc::new(Hub::default());
    drop(open(&hub));
    hub.arrived(record(Kind::Text, 1, b"late"))
        .expect("no error");
    assert_eq!(
        sent(&hub).last().map(|record| record.kind),
        Some(Kind::Abandon)
    );
    assert_eq!(hub.sockets(), 0);
}

#[tokio::test]
async fn the_end_of_the_page_is_told_to_every_socket_behind_what_came() {
    let hub = Arc::new(Hub::default());
    let (sender, mut receiver) = open(&hub).split();
    hub.arrived(record(Kind::Text, 1, b"last"))
        .expect("message");
    hub.end("the browser ended");
    let message = Message::Text(Bytes::from_static(b"last"));
    assert_eq!(
        receiver.next().await,
        Some(SocketEvent::Message(message.clone()))
    );
    let end = SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
        clean: false,
        lost: Some("the browser ended".to_owned()),
    };
    assert_eq!(receiver.next().await, Some(end));
    assert_eq!(receiver.next().await, None);
    assert_eq!(sender.send(message).await, Err(Over::Closed));
    let refused = hub.open("ws://a.example/", &[], 1).expect_err("ended");
    assert_eq!(refused, NoSocket::Ended("the browser ended".to_owned()));
}

#[test]
fn a_page_holds_so_many_sockets_and_no_more() {
    let hub = Arc::new(Hub::default());
    let sockets: Vec<_> = (0..SOCKETS_PER_PAGE_MAX).map(|_| open(&hub)).collect();
    assert_eq!(
        hub.open("ws://a.example/", &[], 1).expect_err("full"),
        NoSocket::Full
    );
    drop(sockets);
    hub.open("ws://a.example/", &[], 1).expect("room again");
}

#[test]
fn only_codes_that_scripts_may_send_are_kept() {
    for code in [1000, 3000, 3999, 4000, 4999] {
        assert_eq!(code_that_scripts_may_send(code), code);
    }
    for code in [0, 1001, 1005, 1006, 1011, 2999, 5000] {
        assert_eq!(code_that_scripts_may_send(code), 1000);
    }
}
