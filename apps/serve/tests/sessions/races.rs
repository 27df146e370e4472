//! Late, doubled, reordered and broken requests: what other transports lose or double at each, and this one must not.

use towpath_session::Envelope;
use towpath_session::body::Proof;
use towpath_session::item::Kind;

use crate::backend::Backend;
use crate::gateway::gateway;
use crate::raw::{
    Open, Owned, Socket, ack, attach, attached, encode, finish, fresh, item, post, post_as, with,
};

const POLL: &str = "/echo/.towpath/poll";
const SEND: &str = "/echo/.towpath/send";
const STREAM: &str = "/echo/.towpath/stream";
const WEBSOCKET: &str = "/echo/.towpath/websocket";

/// Polls until that many items have come, and gives their texts.
async fn poll_items(
    address: std::net::SocketAddr,
    key: towpath_session::body::Secret,
    request: &mut u64,
    received: &mut u64,
    count: usize,
) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        *request += 1;
        let answer = post(address, POLL, &[with(key, *request), ack(*received)]).await;
        assert_eq!(answer.status, 200, "{}", answer.head);
        for envelope in answer.envelopes {
            if let Owned::Item(sequence, kind, payload) = envelope {
                assert_eq!(sequence, *received + 1, "in order and once");
                *received = sequence;
                if kind != Kind::Opened {
                    texts.push(String::from_utf8_lossy(&payload).into_owned());
                }
            }
        }
    }
    texts
}

/// socketio/engine.io#284 and python-engineio#367: a request that is late or broken must not take what waits for
/// another.
#[tokio::test]
async fn late_and_broken_requests_take_nothing() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(1), 1, true).json();
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let key = attached(&answer.envelopes).key;
    let (mut request, mut received) = (5, 0);
    let sent = post(address, SEND, &[with(key, 0), item(1, "one")]).await;
    assert!(matches!(sent.envelopes[..], [Owned::Ack(1, _)]), "{sent:?}");
    // Both of these would find the echo waiting.
    for (path, body, status) in [
        (POLL, b"\xff\xff".to_vec(), 400),
        (POLL, encode(&[with(key, 9)]), 400),
        (STREAM, encode(&[with(key, 9), ack(0)]), 400),
        (POLL, Vec::new(), 400),
    ] {
        assert_eq!(post_as(address, path, "", &body).await.status, status);
    }
    assert_eq!(
        poll_items(address, key, &mut request, &mut received, 1).await,
        ["one"]
    );
    for number in [0, 5, 6] {
        let late = post(address, POLL, &[with(key, number), ack(0)]).await;
        assert_eq!((late.status, late.envelopes.len()), (200, 0), "{number}");
    }
}

/// Several peers take a response that was written for delivered.
#[tokio::test]
async fn what_was_written_and_not_acknowledged_comes_again() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(2), 1, true).json();
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let key = attached(&answer.envelopes).key;
    post(
        address,
        SEND,
        &[with(key, 0), item(1, "one"), item(2, "two")],
    )
    .await;
    let mut request = 0;
    let mut complete = 0;
    while complete < 3 {
        request += 1;
        let answer = post(address, POLL, &[with(key, request), ack(0)]).await;
        let items = answer
            .envelopes
            .iter()
            .filter_map(|envelope| match envelope {
                Owned::Item(sequence, ..) => Some(*sequence),
                _ => None,
            });
        let items: Vec<u64> = items.collect();
        assert_eq!(items, &[1, 2, 3][..items.len()], "from the beginning");
        complete += usize::from(items.len() == 3);
    }
}

/// Atmosphere/atmosphere#1820, and every transport whose uplink has no numbers.
#[tokio::test]
async fn sends_may_be_repeated_and_reordered() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(3), 1, true).json();
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let key = attached(&answer.envelopes).key;
    let third = [with(key, 0), item(3, "three")];
    let first = [with(key, 0), item(1, "one"), item(2, "two")];
    let sent = post(address, SEND, &third).await;
    assert!(matches!(sent.envelopes[..], [Owned::Ack(0, _)]), "{sent:?}");
    for body in [&first[..], &third, &first, &third] {
        let sent = post(address, SEND, body).await;
        assert!(matches!(sent.envelopes[..], [Owned::Ack(3, _)]), "{sent:?}");
    }
    post(address, SEND, &[with(key, 0), item(4, "four")]).await;
    let (mut request, mut received) = (0, 0);
    let texts = poll_items(address, key, &mut request, &mut received, 4).await;
    assert_eq!(texts, ["one", "two", "three", "four"]);
}

/// A poll that arrives while the one before is still held takes its place, and both are answered.
#[tokio::test]
async fn a_newer_poll_takes_the_place_of_the_held_one() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(4), 1, true).json();
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let key = attached(&answer.envelopes).key;
    let (mut request, mut received) = (0, 0);
    post(address, SEND, &[with(key, 0), item(1, "one")]).await;
    poll_items(address, key, &mut request, &mut received, 1).await;
    let held = Open::send(address, POLL, "", &encode(&[with(key, 10), ack(2)])).await;
    let newer = Open::send(address, POLL, "", &encode(&[with(key, 11), ack(2)])).await;
    let held = finish(held).await;
    assert_eq!((held.status, held.envelopes.len()), (200, 0));
    post(address, SEND, &[with(key, 0), item(2, "two")]).await;
    let newer = finish(newer).await;
    assert!(
        newer
            .envelopes
            .contains(&Owned::Item(3, Kind::Text, b"two".to_vec())),
        "{newer:?}"
    );
}

/// Totodore/socketioxide#479 and #554: a transport that is left must end, and must not stall the next.
#[tokio::test]
async fn a_superseded_transport_ends_and_says_so() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(5), 1, true).json();
    let stream = Open::send(address, STREAM, "", &encode(&[Envelope::Attach(&json)])).await;
    let mut stream = Open::answer(stream).await;
    let Some(Owned::Attached(old)) = stream.next().await else {
        panic!("not attached");
    };
    assert!(matches!(
        stream.next().await,
        Some(Owned::Item(1, Kind::Opened, _))
    ));
    let mut socket = Socket::open(address, WEBSOCKET).await;
    let json = attach(Proof::Token(old.token), 2, false).json();
    socket
        .say(&[Envelope::Attach(&json), Envelope::Ping(b"x")])
        .await;
    let Some(Owned::Attached(new)) = socket.next().await else {
        panic!("not attached");
    };
    assert_eq!(socket.next().await, Some(Owned::Pong(b"x".to_vec())));
    assert_ne!(old.key, new.key);
    // A candidate carries nothing before it is used.
    post(address, SEND, &[with(old.key, 0), item(1, "one")]).await;
    loop {
        match stream.next().await.expect("it is in use") {
            Owned::Item(2, Kind::Text, payload) => break assert_eq!(payload, b"one"),
            Owned::Ack(..) => {}
            other => panic!("{other:?}"),
        }
    }
    socket.say(&[Envelope::Use { generation: 2 }]).await;
    assert_eq!(stream.next().await, Some(Owned::Superseded(2)));
    assert_eq!(stream.next().await, None);
    for (path, request) in [(SEND, 0), (STREAM, 7)] {
        let late = [with(old.key, request), ack(0), item(2, "late")];
        let late = post(address, path, &late).await;
        assert_eq!(late.envelopes, [Owned::Superseded(2)]);
    }
    socket.say(&[ack(2), item(2, "two")]).await;
    // Nothing was acknowledged before, so all comes again over the new transport.
    let mut all = Vec::new();
    while all.len() < 3 {
        all.push(socket.item().await);
    }
    assert_eq!(all[1], (2, Kind::Text, b"one".to_vec()));
    assert_eq!(all[2], (3, Kind::Text, b"two".to_vec()));
    let json = attach(Proof::Token(new.token), 2, true).json();
    let late = post(address, POLL, &[Envelope::Attach(&json)]).await;
    assert_eq!(
        (late.status, late.envelopes.len()),
        (200, 0),
        "a copy is late"
    );
}

/// All attachments raced for one session carry one nonce, and only one backend leg is opened.
#[tokio::test]
async fn one_nonce_opens_one_session_even_when_it_is_over() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let mut names = Vec::new();
    for (path, generation) in [(POLL, 1), (POLL, 2), (STREAM, 3)] {
        let json = attach(fresh(6), generation, generation == 1).json();
        let stream = Open::send(address, path, "", &encode(&[Envelope::Attach(&json)])).await;
        if path == STREAM {
            let mut open = Open::answer(stream).await;
            let Some(Owned::Attached(attached)) = open.next().await else {
                panic!("not attached");
            };
            names.push(attached);
        } else {
            names.push(attached(&finish(stream).await.envelopes));
        }
    }
    assert_eq!(names[0].session, names[1].session);
    assert_eq!(names[0].session, names[2].session);
    assert_eq!(names[0].token, names[2].token);
    let close = towpath_session::Close::new(1000, "");
    let close = close.payload();
    let close = Envelope::Item(towpath_session::Part {
        sequence: 1,
        kind: Kind::Close,
        payload: &close,
    });
    let key = names[0].key;
    post(address, SEND, &[with(key, 0), close]).await;
    let (mut request, mut received) = (0, 0);
    poll_items(address, key, &mut request, &mut received, 1).await;
    post(address, SEND, &[with(key, 0), ack(received)]).await;
    let ended = Owned::End("continuity-lost".to_owned());
    loop {
        // The session's task may still be on its way out.
        let json = attach(fresh(6), 9, true).json();
        let copy = post(address, POLL, &[Envelope::Attach(&json)]).await;
        assert_eq!(copy.envelopes, std::slice::from_ref(&ended));
        if *backend.seen.closes.lock().unwrap() == [1000] {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(
        backend
            .seen
            .opened
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}
