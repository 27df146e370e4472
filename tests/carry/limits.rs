//! Each limit that a session can meet: its outcome, and the metric that counts it.

use towpath_session::{Envelope, Outcome};
use towpath_tests::support::port;
use towpath_transport::client::{Message, TRANSPORTS, Transport};

use crate::backend::pattern;
use crate::harness::{Place, closed, opened};
use crate::raw::{Down, Raw, exchange};

/// A gateway with these limits and a metrics listener. Gives its port too.
async fn limited(limits: &str) -> (Place, u16) {
    let metrics = port::free();
    let settings = format!("[limits]\n{limits}\n[metrics]\nlisten = \"127.0.0.1:{metrics}\"\n");
    (Place::configured_by(settings).await, metrics)
}

/// How often a limit was reached, by the metrics.
async fn reached(metrics: u16, limit: &str) -> u64 {
    let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange(metrics, request.as_bytes()).await;
    let text = String::from_utf8(answer.body).unwrap();
    let wanted = format!("limit=\"{limit}\"");
    let line = text
        .lines()
        .find(|line| line.starts_with("towpath_limit_reached") && line.contains(&wanted))
        .unwrap_or_else(|| panic!("no {wanted} in\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_in_all() {
    let (place, metrics) = limited("sessions = 1").await;
    let mut first = place.client("/talk", &[Transport::WebSocket]);
    opened(&mut first).await;
    assert_eq!(reached(metrics, "sessions").await, 0);
    let mut second = place.client("/talk", &[Transport::WebSocket]);
    assert_eq!(closed(&mut second).await.code, 1013);
    assert!(reached(metrics, "sessions").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_one_address() {
    let (place, metrics) = limited("sessions_per_address = 1").await;
    let mut first = place.client("/talk", &[Transport::Stream]);
    opened(&mut first).await;
    let mut second = place.client("/talk", &[Transport::Stream]);
    assert_eq!(closed(&mut second).await.code, 1013);
    assert!(reached(metrics, "sessions_per_address").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large() {
    let (place, metrics) = limited("body_bytes = 70000").await;
    let raw = Raw::attached(place.gateway.port, "/talk").await;
    let mut body = raw.with(0);
    body.resize(80_000, 0);
    let answer = raw.send(body).await;
    assert_eq!(answer.status, 413);
    assert!(reached(metrics, "body_bytes").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_stays_away() {
    let (place, metrics) = limited("detached_seconds = 1").await;
    let mut client = place.client("/talk", &[Transport::WebSocket]);
    opened(&mut client).await;
    drop(client);
    let began = std::time::Instant::now();
    while reached(metrics, "detached_seconds").await == 0 {
        assert!(began.elapsed().as_secs() < 30, "it is kept");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A client that takes nothing while the backend has something: told after the time, not kept for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_takes_nothing() {
    let (place, metrics) = limited("slow_reader_seconds = 1").await;
    for transport in TRANSPORTS {
        let mut client = place.client("/flood?bytes=65536&count=100", &[transport]);
        let before = reached(metrics, "slow_reader_seconds").await;
        let began = std::time::Instant::now();
        while reached(metrics, "slow_reader_seconds").await == before {
            assert!(
                began.elapsed().as_secs() < 30,
                "{transport:?} may stall for ever"
            );
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        opened(&mut client).await;
        let end = loop {
            match crate::harness::news(&mut client).await {
                towpath_transport::client::Event::Closed(closed) => break closed,
                event => assert!(matches!(
                    event,
                    towpath_transport::client::Event::Message(_)
                )),
            }
        };
        assert_eq!(end.code, 1013, "{transport:?}");
        assert_eq!(end.outcome.as_deref(), Some("stalled"));
    }
}

/// What cannot be is answered with `malformed`, what was not allowed with `flow`; other sessions go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn breaches_end_one_session() {
    let place = Place::new().await;
    let bystander = Raw::attached(place.gateway.port, "/talk").await;
    let unsent = |raw: &Raw| {
        let mut body = raw.with(0);
        let (received, credit) = (99, 0);
        Envelope::Ack { received, credit }.encode(&mut body);
        body
    };
    let unknown = |raw: &Raw| [raw.with(0), vec![0x1f, 1, 1]].concat();
    let beyond = |raw: &Raw| {
        let large = "x".repeat(16_000);
        let mut bodies = Vec::new();
        for first in (2..60).step_by(3) {
            bodies.push(raw.items(&[
                (first, large.as_str()),
                (first + 1, &large),
                (first + 2, &large),
            ]));
        }
        bodies
    };
    let raw = Raw::attached(place.gateway.port, "/talk").await;
    assert_eq!(end_of(&raw, vec![unsent(&raw)]).await, Outcome::Malformed);
    let raw = Raw::attached(place.gateway.port, "/talk").await;
    assert_eq!(end_of(&raw, vec![unknown(&raw)]).await, Outcome::Malformed);
    let raw = Raw::attached(place.gateway.port, "/talk").await;
    assert_eq!(end_of(&raw, beyond(&raw)).await, Outcome::Flow);
    let answer = bystander
        .send(bystander.items(&[(1, "unharmed")]))
        .await
        .envelopes();
    assert!(matches!(answer[0], Down::Ack(1, _)));
}

/// The outcome that one of these bodies is answered with.
async fn end_of(raw: &Raw, bodies: Vec<Vec<u8>>) -> Outcome {
    for body in bodies {
        let answer = raw.send(body).await;
        if answer.status == 400 {
            continue;
        }
        for envelope in answer.envelopes() {
            if let Down::End(Some(outcome)) = envelope {
                return outcome;
            }
        }
    }
    let answer = raw
        .post("poll", raw.poll_body(raw.request + 1))
        .await
        .envelopes();
    match answer[..] {
        [.., Down::End(Some(outcome))] => outcome,
        _ => panic!("{answer:?}"),
    }
}

/// One message of 100 MB through limits that hold a hundredth of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_far_larger_than_every_buffer_passes() {
    let (place, _) = limited("buffered_bytes_per_session = 500000").await;
    let before = place.gateway.resident_bytes();
    let mut client = towpath_transport::client::Client::open(towpath_transport::client::Settings {
        message_bytes_max: 128 << 20,
        ..crate::harness::settings(place.gateway.port, "/talk", &[Transport::WebSocket])
    })
    .unwrap();
    opened(&mut client).await;
    let large = Message::binary(pattern(50_000_000));
    client.send(large.clone()).await.unwrap();
    assert!(crate::harness::message(&mut client).await == large);
    let grown = place.gateway.resident_bytes().saturating_sub(before);
    assert!(grown < 16 << 20, "the gateway holds {grown} bytes");
}

/// A session that was closed is gone from the gateway as soon as its end is acknowledged, not after its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_sessions_are_forgotten_soon() {
    let (place, metrics) = limited("sessions = 100").await;
    for transport in TRANSPORTS {
        let mut client = place.client("/close?code=4000", &[transport]);
        opened(&mut client).await;
        client.send(Message::text("end it")).await.unwrap();
        assert_eq!(closed(&mut client).await.code, 4000);
        let began = std::time::Instant::now();
        while open_sessions(metrics).await > 0 {
            assert!(began.elapsed().as_secs() < 20, "{transport:?} is kept");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

async fn open_sessions(metrics: u16) -> u64 {
    let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange(metrics, request.as_bytes()).await;
    let text = String::from_utf8(answer.body).unwrap();
    let line = text.lines().find(|line| {
        line.starts_with("towpath_sessions ") || line.starts_with("towpath_sessions{")
    });
    let line = line.unwrap_or_else(|| panic!("no sessions in\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}
