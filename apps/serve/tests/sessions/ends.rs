//! How sessions end: the backend's ways, the client's ways, and each limit with its name.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use towpath_serve::Running;
use towpath_serve::config::{Seconds, TransportKind};
use towpath_session::Envelope;
use towpath_session::body::Proof;
use towpath_session::item::Kind;
use towpath_transport::client::{Client, Event, Message, TRANSPORTS};

use crate::backend::{Backend, field};
use crate::carry::{closed, next, settings};
use crate::gateway::gateway;
use crate::raw::{
    Owned, PATIENCE, Socket, ack, attach, attached, encode, fresh, item, post, post_as, with,
};

const POLL: &str = "/echo/.towpath/poll";
const SEND: &str = "/echo/.towpath/send";
const WEBSOCKET: &str = "/echo/.towpath/websocket";

/// The value of a metric; 0 where it is not shown.
pub(crate) async fn metric(running: &Running, name: &str) -> u64 {
    let address = running.metrics_address().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.trim().parse().unwrap())
}

/// Waits until `done` holds; the session's task may be a moment behind.
pub(crate) async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect(what);
}

#[tokio::test]
async fn the_backends_end_reaches_the_client_as_it_was() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    for transport in TRANSPORTS {
        for (path, code, reason, echoes) in [
            ("/close", 4321, "enough", 0),
            ("/vanish", 1006, "", 0),
            ("/bad", 1006, "", 1),
        ] {
            let mut client = Client::open(settings(address, path, transport)).unwrap();
            assert!(matches!(next(&mut client).await, Event::Opened { .. }));
            client.send(Message::text("go")).await.unwrap();
            let (before, closed) = closed(&mut client).await;
            assert_eq!(
                (closed.code, &*closed.reason),
                (code, reason),
                "{path} {transport:?}"
            );
            let expected = vec![Event::Message(Message::text("go")); echoes];
            assert_eq!(before, expected, "{path} {transport:?}");
        }
        let mut client = Client::open(settings(address, "/refuse", transport)).unwrap();
        let (before, closed) = closed(&mut client).await;
        let [
            Event::Refused {
                status,
                headers,
                body,
            },
        ] = &before[..]
        else {
            panic!("{before:?}");
        };
        assert_eq!((*status, &body[..], closed.code), (403, &b"nope"[..], 1006));
        assert!(
            headers.contains(&("x-why".to_owned(), "because".to_owned())),
            "{headers:?}"
        );
        let mut client = Client::open(settings(address, "/ping", transport)).unwrap();
        assert!(matches!(next(&mut client).await, Event::Opened { .. }));
        assert_eq!(
            next(&mut client).await,
            Event::Message(Message::text("ponghi"))
        );
    }
}

#[tokio::test]
async fn a_close_before_the_backend_answers_ends_its_handshake() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let mut socket = Socket::open(address, "/hang/.towpath/websocket").await;
    let mut hang = attach(fresh(1), 1, true);
    "/hang".clone_into(&mut hang.target);
    socket.say(&[Envelope::Attach(&hang.json())]).await;
    assert!(matches!(socket.next().await, Some(Owned::Attached(_))));
    eventually("the backend is asked", async || {
        backend.seen.heads.lock().unwrap().len() == 1
    })
    .await;
    let close = towpath_session::Close::new(1000, "").payload();
    let close = Envelope::Item(towpath_session::Part {
        sequence: 1,
        kind: Kind::Close,
        payload: &close,
    });
    socket.say(&[close]).await;
    let (_, kind, payload) = socket.item().await;
    assert_eq!((kind, &payload[..]), (Kind::Close, &[0x03, 0xee][..]));
    eventually("the backend leg is closed", async || {
        backend.seen.ended.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn breaches_end_the_session_by_name() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |_| ()).await;
    let beyond = vec![b'a'; 16_000];
    let beyond = String::from_utf8(beyond).unwrap();
    let beyond: Vec<_> = (20..40).map(|sequence| item(sequence, &beyond)).collect();
    let refused = Envelope::Item(towpath_session::Part {
        sequence: 1,
        kind: Kind::Opened,
        payload: b"{}",
    });
    for (byte, breach, outcome) in [
        (1, beyond, "flow"),
        (2, vec![ack(77)], "malformed"),
        (3, vec![refused], "malformed"),
        (4, vec![Envelope::Superseded { generation: 9 }], "malformed"),
    ] {
        let json = attach(fresh(byte), 1, true).json();
        let mut socket = Socket::open(address, WEBSOCKET).await;
        socket.say(&[Envelope::Attach(&json)]).await;
        let Some(Owned::Attached(grant)) = socket.next().await else {
            panic!("not attached");
        };
        for chunk in breach.chunks(3) {
            socket.say(chunk).await;
        }
        let end = loop {
            match socket.next().await {
                Some(Owned::Item(..) | Owned::Ack(..)) => {}
                other => break other,
            }
        };
        assert_eq!(end, Some(Owned::End(outcome.to_owned())));
        let again = attach(Proof::Token(grant.token), 2, true).json();
        let again = post(address, POLL, &[Envelope::Attach(&again)]).await;
        let [Owned::End(told)] = &again.envelopes[..] else {
            panic!("{again:?}");
        };
        assert!(told == outcome || told == "continuity-lost", "{told}");
    }
    let ended = metric(
        &running,
        "towpath_sessions_ended_total{outcome=\"malformed\"}",
    )
    .await;
    assert_eq!(ended, 3);
    assert_eq!(
        metric(&running, "towpath_sessions_ended_total{outcome=\"flow\"}").await,
        1
    );
}

#[tokio::test]
async fn a_session_without_a_transport_is_kept_for_a_while_and_then_lost() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.limits.detached_seconds = "1".parse::<u64>().map(Seconds::whole).unwrap();
    })
    .await;
    let json = attach(fresh(1), 1, true).json();
    let mut socket = Socket::open(address, WEBSOCKET).await;
    socket.say(&[Envelope::Attach(&json)]).await;
    let Some(Owned::Attached(grant)) = socket.next().await else {
        panic!("not attached");
    };
    assert_eq!(grant.resume, 1000);
    drop(socket);
    // In time, and nothing was ever received before.
    let mut later = attach(Proof::Token(grant.token), 2, true);
    later.received = 0;
    let mut socket = Socket::open(address, WEBSOCKET).await;
    socket
        .say(&[Envelope::Attach(&later.json()), item(1, "on")])
        .await;
    let Some(Owned::Attached(grant)) = socket.next().await else {
        panic!("not attached");
    };
    assert_eq!(socket.item().await.1, Kind::Opened);
    assert_eq!(socket.item().await.2, b"on");
    drop(socket);
    eventually("the backend hears of it", async || {
        *backend.seen.closes.lock().unwrap() == [1001]
    })
    .await;
    let json = attach(Proof::Token(grant.token), 3, true).json();
    let late = post(address, POLL, &[Envelope::Attach(&json)]).await;
    assert_eq!(late.envelopes, [Owned::End("continuity-lost".to_owned())]);
    let limit = "towpath_limit_reached_total{limit=\"detached_seconds\"}";
    assert_eq!(metric(&running, limit).await, 1);
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_ended_as_stalled() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.limits.slow_reader_seconds = Seconds::whole(1);
    })
    .await;
    let json = attach(fresh(1), 1, true).json();
    let mut socket = Socket::open(address, WEBSOCKET).await;
    socket.say(&[Envelope::Attach(&json)]).await;
    let end = loop {
        // Acks are what says that something was taken; there are none here.
        match socket.next().await {
            Some(Owned::Attached(_) | Owned::Item(..)) => {}
            other => break other,
        }
    };
    assert_eq!(end, Some(Owned::End("stalled".to_owned())));
    let limit = "towpath_limit_reached_total{limit=\"slow_reader_seconds\"}";
    assert_eq!(metric(&running, limit).await, 1);
}

#[tokio::test]
async fn too_many_sessions_are_turned_away_by_name() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.limits.sessions = 3;
        settings.limits.sessions_per_address = 2;
    })
    .await;
    for byte in 1..=3 {
        let json = attach(fresh(byte), 1, true).json();
        let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
        if byte < 3 {
            attached(&answer.envelopes);
        } else {
            assert_eq!(
                answer.envelopes,
                [Owned::End("too-many-sessions".to_owned())]
            );
        }
    }
    let limit = "towpath_limit_reached_total{limit=\"sessions_per_address\"}";
    assert_eq!(metric(&running, limit).await, 1);
    assert_eq!(metric(&running, "towpath_sessions").await, 2);
}

#[tokio::test]
async fn requests_that_cannot_be_are_refused_by_status() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.sessions.transports = vec![TransportKind::Poll];
        settings.limits.body_bytes = 5000;
    })
    .await;
    let json = attach(fresh(1), 1, true).json();
    let body = encode(&[Envelope::Attach(&json)]);
    let off = post_as(address, "/echo/.towpath/stream", "", &body).await;
    assert_eq!(off.status, 503);
    assert_eq!(
        post_as(address, "/echo/.towpath/other", "", &body)
            .await
            .status,
        404
    );
    assert_eq!(post_as(address, SEND, "", &vec![0; 5001]).await.status, 413);
    assert_eq!(
        metric(
            &running,
            "towpath_limit_reached_total{limit=\"body_bytes\"}"
        )
        .await,
        1
    );
    for (method, kind, status) in [
        ("PUT", "text/plain", 405),
        ("POST", "application/json", 415),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{method} {POLL} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = crate::raw::finish(stream).await;
        assert_eq!(answer.status, status, "{method} {kind}");
        assert_eq!(
            field(&answer.head, "x-content-type-options").as_deref(),
            Some("nosniff")
        );
    }
}

#[tokio::test]
async fn a_drain_tells_every_session() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.drain_seconds = Seconds::whole(2);
    })
    .await;
    let mut sockets = Vec::new();
    for byte in 1..=5 {
        let json = attach(fresh(byte), 1, true).json();
        let mut socket = Socket::open(address, WEBSOCKET).await;
        socket.say(&[Envelope::Attach(&json)]).await;
        assert!(matches!(socket.next().await, Some(Owned::Attached(_))));
        assert_eq!(socket.item().await.1, Kind::Opened);
        socket.say(&[ack(1)]).await;
        sockets.push(socket);
    }
    let drained = tokio::spawn(running.drain());
    for mut socket in sockets {
        let end = loop {
            match socket.next().await {
                Some(Owned::Ping | Owned::Ack(..)) => {}
                other => break other,
            }
        };
        assert_eq!(end, Some(Owned::End("shutdown".to_owned())));
    }
    tokio::time::timeout(PATIENCE, drained)
        .await
        .expect("it drains")
        .unwrap();
}

#[tokio::test]
async fn a_silent_client_is_asked_and_then_taken_for_lost() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |settings| {
        settings.sessions.heartbeat_seconds = Seconds::whole(3);
    })
    .await;
    let json = attach(fresh(1), 1, true).json();
    let mut socket = Socket::open(address, WEBSOCKET).await;
    socket.say(&[Envelope::Attach(&json)]).await;
    assert!(matches!(socket.next().await, Some(Owned::Attached(_))));
    assert_eq!(socket.item().await.1, Kind::Opened);
    assert_eq!(socket.next().await, Some(Owned::Ping));
    socket.say(&[ack(1), Envelope::Pong(b"")]).await;
    while let Some(envelope) = socket.next().await {
        assert_eq!(envelope, Owned::Ping);
    }
    // A poll is complete with the ping, so that no hop takes it for dead.
    let json = attach(fresh(2), 1, true).json();
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let key = attached(&answer.envelopes).key;
    let mut request = 0;
    loop {
        request += 1;
        let answer = post(
            address,
            POLL,
            &[with(key, request), ack(u64::from(request > 1))],
        )
        .await;
        if answer.envelopes == [Owned::Ping] {
            break;
        }
        assert!(request < 5, "{answer:?}");
    }
}
