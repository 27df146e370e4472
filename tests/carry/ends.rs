//! How sessions end, seen from both sides.

use std::sync::Arc;

use towpath_tests::boxes::gateway;
use towpath_transport::client::{Event, Message, Settings, TRANSPORTS, Transport};

use crate::backend::Backend;
use crate::harness::{
    PATIENCE, Place, client, closed, echo, message, news, next, opened, settings,
};
use towpath_tests::support::relay::{Habits, Relay};

/// Close codes and reasons of the backend arrive over every transport.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_backend_s_close_reaches_the_client() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        for (code, reason) in [(1000, "bye"), (1011, ""), (3000, "x"), (4999, "why-not")] {
            let path = format!("/close?code={code}&reason={reason}");
            let mut client = place.client(&path, &[transport]);
            opened(&mut client).await;
            client.send(Message::text("end it")).await.unwrap();
            let closed = closed(&mut client).await;
            assert_eq!(
                (closed.code, closed.reason.as_str()),
                (code, reason),
                "{transport:?}"
            );
            assert_eq!(closed.unacknowledged, []);
            assert_eq!(closed.outcome, None);
            assert_eq!(client.next().await, None);
        }
        let mut client = place.client("/close", &[transport]);
        opened(&mut client).await;
        client.send(Message::text("end it")).await.unwrap();
        assert_eq!(closed(&mut client).await.code, 1005, "{transport:?}");
    }
}

/// Close codes and reasons of the client arrive at the backend, behind everything that was sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_s_close_reaches_the_backend() {
    let place = Place::new().await;
    let mut expected = Vec::new();
    for transport in TRANSPORTS {
        for (code, reason) in [(Some(1000), "done"), (Some(4321), "é"), (None, "")] {
            let mut client = place.client("/talk", &[transport]);
            opened(&mut client).await;
            for number in 0..20 {
                client
                    .send(Message::text(format!("last words {number}")))
                    .await
                    .unwrap();
            }
            client.close(code, reason).await.unwrap();
            for number in 0..20 {
                let text = format!("last words {number}");
                assert_eq!(
                    message(&mut client).await,
                    Message::text(text),
                    "{transport:?}"
                );
            }
            let closed = closed(&mut client).await;
            assert_eq!(closed.code, code.unwrap_or(1005), "{transport:?}");
            expected.push((code, reason.to_owned()));
        }
    }
    assert_eq!(*place.backend.seen().closes.lock().unwrap(), expected);
}

/// A backend that is gone without a close frame is 1006, and what it had sent still arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_vanishes_is_1006() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        let mut client = place.client("/vanish?first=3", &[transport]);
        opened(&mut client).await;
        for number in 1..=3 {
            let text = format!("server {number}");
            assert_eq!(message(&mut client).await, Message::text(text));
        }
        client.send(Message::text("go")).await.unwrap();
        assert_eq!(closed(&mut client).await.code, 1006, "{transport:?}");
    }
}

/// A refusal keeps its status, headers and body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_as_it_was() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        for expected in [401, 403, 503] {
            let mut client = place.client(&format!("/refuse?status={expected}"), &[transport]);
            match news(&mut client).await {
                Event::Refused {
                    status,
                    headers,
                    body,
                } => {
                    assert_eq!(status, expected);
                    let why = headers
                        .iter()
                        .find(|(name, _)| name.eq_ignore_ascii_case("x-why"));
                    assert_eq!(why.map(|(_, value)| value.as_str()), Some("because"));
                    assert_eq!(&body[..], b"not today");
                }
                event => panic!("{transport:?}: {event:?}"),
            }
            assert_eq!(closed(&mut client).await.code, 1006);
        }
    }
}

/// A backend that is not there is a refusal by the gateway, not silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_backend_is_told_as_a_gateway_s_refusal() {
    let nobody = towpath_tests::support::port::free();
    let gateway = gateway::start(nobody);
    for transport in TRANSPORTS {
        let mut client = client(gateway.port, "/talk", &[transport]);
        match news(&mut client).await {
            Event::Refused { status, .. } => assert_eq!(status, 502, "{transport:?}"),
            event => panic!("{transport:?}: {event:?}"),
        }
        assert_eq!(closed(&mut client).await.code, 1006);
    }
}

/// The backend sees the offered subprotocols and chooses; it sees cookies, path and query.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_backend_sees_the_request_and_chooses_the_subprotocol() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        let mut client = towpath_transport::client::Client::open(Settings {
            subprotocols: vec!["one".to_owned(), "two".to_owned()],
            headers: vec![
                ("Cookie".to_owned(), "who=me".to_owned()),
                ("X-Own".to_owned(), "mine".to_owned()),
            ],
            ..settings(place.gateway.port, "/head?room=1%20a", &[transport])
        })
        .unwrap();
        match news(&mut client).await {
            Event::Opened { protocol, .. } => assert_eq!(protocol, "two", "{transport:?}"),
            event => panic!("{transport:?}: {event:?}"),
        }
        let head = message(&mut client).await;
        let head = head.as_text().unwrap().to_ascii_lowercase();
        for expected in [
            "get /head?room=1%20a http/1.1",
            "cookie: who=me",
            "x-own: mine",
            "sec-websocket-protocol: one, two",
            "origin: http://127.0.0.1",
            "x-forwarded-for: 127.0.0.1",
        ] {
            assert!(
                head.contains(expected),
                "{transport:?}: no {expected} in\n{head}"
            );
        }
        assert!(
            !head.contains("towpath"),
            "{transport:?}: what is inside shows in\n{head}"
        );
    }
}

/// A session that was away for too long is gone, and the sends that nobody took are named. Socket.IO
/// says nothing (socket.io #5282).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_session_names_its_unacknowledged_sends() {
    let settings = "[sessions]\nheartbeat_seconds = 5\n[limits]\ndetached_seconds = 1\n";
    let place = Arc::new(Place::configured(settings).await);
    // Side by side: a poll that stays away is noticed by its heartbeat alone.
    let expiring = TRANSPORTS.map(|transport| tokio::spawn(expire(Arc::clone(&place), transport)));
    for one in expiring {
        one.await.unwrap();
    }
}

async fn expire(place: Arc<Place>, transport: Transport) {
    let relay = Relay::start(place.gateway.port, 1, Habits::default()).await;
    let mut client = client(relay.port(), "/talk", &[transport]);
    opened(&mut client).await;
    echo(&mut client, "taken").await;
    relay.offline(true);
    relay.cut();
    assert_eq!(next(&mut client).await, Event::Reconnecting);
    client.send(Message::text("lost 1")).await.unwrap();
    client.send(Message::binary(vec![7; 40_000])).await.unwrap();
    // The client gives up by itself where it is away for as long: never silence.
    let closed = closed(&mut client).await;
    assert!(
        [3900, 3901].contains(&closed.code),
        "{transport:?}: {closed:?}"
    );
    let expected = [Message::text("lost 1"), Message::binary(vec![7; 40_000])];
    assert_eq!(closed.unacknowledged, expected, "{transport:?}");
    // The gateway let the backend go too.
    wait_until(|| vanished(&place.backend) == 4).await;
}

fn vanished(backend: &Backend) -> usize {
    *backend.seen().vanished.lock().unwrap() + backend.seen().closes.lock().unwrap().len()
}

async fn wait_until(holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    waited.await.expect("it happens in time");
}

/// A gateway that restarted knows nothing: 3900, not a new session behind the application's back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_gateway_ends_the_session_and_says_what_is_open() {
    for transport in TRANSPORTS {
        let backend = Backend::start().await;
        let port = backend.port();
        let first = gateway::configured(port, "drain_seconds = 0\n");
        let second = gateway::start(port);
        let relay = Relay::start(first.port, 1, Habits::default()).await;
        let mut client = client(relay.port(), "/talk", &[transport]);
        opened(&mut client).await;
        echo(&mut client, "taken").await;
        relay.offline(true);
        relay.redirect(second.port);
        relay.cut();
        assert_eq!(next(&mut client).await, Event::Reconnecting);
        client.send(Message::text("not taken")).await.unwrap();
        relay.offline(false);
        let closed = closed(&mut client).await;
        assert_eq!(closed.code, 3900, "{transport:?}");
        assert_eq!(closed.outcome.as_deref(), Some("continuity-lost"));
        assert_eq!(closed.unacknowledged, [Message::text("not taken")]);
    }
}

/// SIGTERM: sessions end within the time to drain, with 1012 and not with a reset.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_drains_says_so() {
    for transport in TRANSPORTS {
        let place = Place::configured("drain_seconds = 1\n").await;
        let mut client = place.client("/talk", &[transport]);
        opened(&mut client).await;
        echo(&mut client, "before").await;
        let gateway = place.gateway;
        // Dropping it asks it to end and waits.
        let ended = tokio::task::spawn_blocking(move || drop(gateway));
        let closed = closed(&mut client).await;
        assert_eq!(closed.code, 1012, "{transport:?}: {closed:?}");
        ended.await.unwrap();
    }
}
