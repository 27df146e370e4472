//! The side against a receiver that answers as it is told.

use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use towpath_chat::webhook::verify;
use towpath_chat::{Author, Kind, Outgoing};

use super::*;
use crate::clock::now_unix_ms;
use crate::hidden::Hidden;
use crate::order::{Join, Outcome, Sending};
use crate::receiver::{Receiver, Seen, read};
use crate::state::State;

fn piece(id: &str, text: &str, kind: Kind) -> Sending {
    let author = Author {
        name: "alice".to_owned(),
        ..Author::default()
    };
    let outgoing = Outgoing {
        kind,
        author,
        ..Outgoing::text(text)
    };
    Sending::new(id, "ops", outgoing)
}

fn settings(receiver: &Receiver, kind: WebhookKind) -> Settings {
    let url = format!("http://127.0.0.1:{}/hook/t0ken?thread_id=5", receiver.port);
    let mut settings = Settings::new("webhook.ops", Hidden::new(&url), kind);
    settings.backoff_first = Duration::from_millis(300);
    settings
}

fn json(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

#[tokio::test]
async fn a_signed_piece_can_be_told_from_another_and_from_a_forged_one() {
    let mut receiver = Receiver::start(vec![(200, r#"{"id":"r1"}"#.to_owned())]).await;
    let mut settings = settings(&receiver, WebhookKind::Json);
    settings.secret = Some(Hidden::new("s3cret"));
    let side = start(settings);
    let outcome = side.sender.send(piece("p1", "hi", Kind::Text)).await;
    let id = Some("r1".to_owned());
    assert_eq!(outcome, Outcome::Delivered { id });
    let seen = receiver.next().await;
    assert_eq!(json(&seen)["id"], "p1");
    assert_eq!(seen.header("idempotency-key"), Some("p1"));
    let signature = seen.header("towpath-signature").unwrap();
    let now = now_unix_ms() / 1000;
    assert!(verify(b"s3cret", seen.body.as_bytes(), signature, now, 60));
    side.sender.end().await;
    side.task.await.unwrap();
}

#[tokio::test]
async fn an_edit_and_a_deletion_of_discord_name_the_earlier_message() {
    let answers = [(200, r#"{"id":"77"}"#), (200, r#"{"id":"77"}"#), (204, "")];
    let answers = answers.map(|(status, body)| (status, body.to_owned()));
    let mut receiver = Receiver::start(answers.into()).await;
    let side = start(settings(&receiver, WebhookKind::Discord));
    let of = || "77".to_owned();
    for kind in [
        Kind::Text,
        Kind::Edit { of: of() },
        Kind::Delete { of: of() },
    ] {
        let outcome = side.sender.send(piece("p", "hi", kind)).await;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    }
    let first = receiver.next().await;
    assert_eq!(
        first.line,
        "POST /hook/t0ken?thread_id=5&wait=true HTTP/1.1"
    );
    assert_eq!(
        json(&first)["allowed_mentions"]["parse"],
        Value::Array(vec![])
    );
    let line = receiver.next().await.line;
    assert_eq!(line, "PATCH /hook/t0ken/messages/77?thread_id=5 HTTP/1.1");
    let line = receiver.next().await.line;
    assert_eq!(line, "DELETE /hook/t0ken/messages/77?thread_id=5 HTTP/1.1");
    let of = "../../other".to_owned();
    let outcome = side.sender.send(piece("p", "", Kind::Delete { of })).await;
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_busy_receiver_is_left_alone_and_then_tried_again() {
    let answers = vec![(503, String::new()), (200, String::new())];
    let receiver = Receiver::start(answers).await;
    let mut side = start(settings(&receiver, WebhookKind::Slack));
    let room = "ops".to_owned();
    side.sender.join(Join { room, since: None }).await;
    let outcome = side.sender.send(piece("p", "hi", Kind::Text)).await;
    assert!(matches!(outcome, Outcome::Later { .. }), "{outcome:?}");
    let is_waiting = matches!(side.states.borrow().rooms["ops"], State::Waiting { .. });
    assert!(is_waiting, "{:?}", side.states.borrow());
    let ready = side.states.wait_for(|states| states.connection.is_ready());
    // Ready to try is not yet reached.
    assert_eq!(ready.await.unwrap().connections, 0);
    let outcome = side.sender.send(piece("p", "hi", Kind::Text)).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    assert_eq!(side.states.borrow().connections, 1);
    let trouble = side.states.borrow().last_trouble.clone();
    assert!(trouble.unwrap().why.sentence.contains("503"));
}

#[tokio::test]
async fn a_webhook_that_is_gone_stops_the_side_and_its_address_stays_hidden() {
    let receiver = Receiver::start(vec![(404, "no_service".to_owned())]).await;
    let side = start(settings(&receiver, WebhookKind::Slack));
    for _ in 0..2 {
        let outcome = side.sender.send(piece("p", "hi", Kind::Text)).await;
        let Outcome::Later { why, uncertain, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert!(!uncertain && why.contains("no_service"), "{why}");
    }
    let states = format!("{:?}", side.states.borrow());
    assert!(states.contains("Stopped"), "{states}");
    assert!(!states.contains("t0ken"), "{states}");
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_showing_it() {
    let url = Hidden::new("discord.com/api/webhooks/1/t0ken");
    let mut side = start(Settings::new("webhook.ops", url, WebhookKind::Discord));
    let stopped = |state: &State| matches!(state, State::Stopped { .. });
    let states = side.states.wait_for(|states| stopped(&states.connection));
    let shown = format!("{:?}", states.await.unwrap().connection);
    assert!(!shown.contains("t0ken"), "{shown}");
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_said() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://127.0.0.1:{}/",
        listener.local_addr().unwrap().port()
    );
    let side = start(Settings::new(
        "webhook.ops",
        Hidden::new(&url),
        WebhookKind::Json,
    ));
    let sender = side.sender.clone();
    let first = tokio::spawn(async move { sender.send(piece("1", "first", Kind::Text)).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    read(&mut stream).await.unwrap();
    // The side is busy with the first one, so that these two wait.
    let second = side.sender.send(piece("2", "second", Kind::Text));
    let cut_off = tokio::time::timeout(Duration::from_millis(20), second).await;
    assert!(cut_off.is_err(), "it waits");
    let sender = side.sender.clone();
    let _third = tokio::spawn(async move { sender.send(piece("3", "third", Kind::Text)).await });
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    first.await.unwrap();
    let next = read(&mut stream).await.unwrap();
    assert_eq!(json(&next)["id"], "3");
}

#[tokio::test]
async fn a_long_pause_is_the_owners_to_wait_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://127.0.0.1:{}/",
        listener.local_addr().unwrap().port()
    );
    let side = start(Settings::new(
        "webhook.ops",
        Hidden::new(&url),
        WebhookKind::Json,
    ));
    let sender = side.sender.clone();
    let first = tokio::spawn(async move { sender.send(piece("1", "first", Kind::Text)).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    read(&mut stream).await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-RateLimit-Remaining: 0\r\n\
        X-RateLimit-Reset-After: 30\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    first.await.unwrap();
    let second = side.sender.send(piece("2", "second", Kind::Text)).await;
    let Outcome::Later {
        uncertain: false,
        after: Some(after),
        ..
    } = second
    else {
        panic!("{second:?}");
    };
    assert!(after > Duration::from_secs(20), "{after:?}");
}
