//! A talk with a server whose every word is written here: answers in the wrong order, frames of nobody, and what was never asked for.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use towpath_chat::Outgoing;
use towpath_chat::kosmi::Profile;
use towpath_graphql::Generation;
use towpath_reach::{Channel, Event as Socket, Message as Frame};

use super::*;
use crate::hidden::Hidden;
use crate::kosmi::board::Board;
use crate::kosmi::login::Logins;
use crate::kosmi::proof::Proofs;
use crate::kosmi::settings::{Login, Settings};
use crate::kosmi::timeline::Timeline;
use crate::network::Network;
use crate::order::{Outcome, Sending};
use crate::side::Event as Told;
use crate::state::States;

const PATIENCE: Duration = Duration::from_mins(1);

/// The server's end, and what it was asked.
struct Server {
    channel: Channel,
    asked: HashMap<String, String>,
}

impl Server {
    /// Takes frames until this root field was asked for; gives the operation's id.
    async fn asked(&mut self, field: &str) -> String {
        loop {
            if let Some(id) = self.asked.get(field) {
                return id.clone();
            }
            let event = timeout(PATIENCE, self.channel.receiver.next()).await;
            let Some(Socket::Message(Frame::Text(text))) = event.expect("nothing is asked") else {
                panic!("it is over");
            };
            let frame: Value = serde_json::from_slice(&text).unwrap();
            let query = frame["payload"]["query"].as_str().unwrap_or_default();
            let root = query.split('{').nth(1).unwrap_or_default();
            let root = root.trim().split(['(', ' ']).next().unwrap_or_default();
            let id = frame["id"].as_str().unwrap_or_default();
            self.asked.insert(root.to_owned(), id.to_owned());
        }
    }

    async fn say(&self, frame: Value) {
        let frame = Frame::Text(Bytes::from(frame.to_string()));
        self.channel.sender.send(frame).await.unwrap();
    }

    async fn next(&self, id: &str, data: Value) {
        self.say(json!({"type": "next", "id": id, "payload": {"data": data}}))
            .await;
    }

    async fn complete(&self, id: &str) {
        self.say(json!({"type": "complete", "id": id})).await;
    }

    /// Lets the talk in, every answer as late and as oddly as can be.
    async fn enter(&mut self) {
        self.say(json!({"type": "connection_ack"})).await;
        self.say(json!({"type": "connection_ack"})).await;
        let user = self.asked("currentUser").await;
        self.complete("4711").await;
        self.next("999", json!({"joinRoom": {"ok": false}})).await;
        self.next(
            &user,
            json!({"currentUser": {"id": "u-us", "displayName": "Us"}}),
        )
        .await;
        let join = self.asked("joinRoom").await;
        self.next(&join, json!({"joinRoom": {"ok": true}})).await;
        let messages = self.asked("newMessage").await;
        let archive = self.asked("chatArchive").await;
        self.next(&messages, message("live", "u-ann", "live")).await;
        // The completes of all before come between.
        self.complete(&user).await;
        self.complete(&join).await;
        self.say(json!({"type": "error", "id": "4400", "payload": {}}))
            .await;
        self.next(&archive, json!({"chatArchive": {"results": []}}))
            .await;
        self.complete(&archive).await;
    }
}

fn message(id: &str, user: &str, body: &str) -> Value {
    json!({"newMessage": {"id": id, "body": body, "time": 1_700_000_000, "user": {"id": user, "displayName": "Ann"}}})
}

/// A talk that runs, and all its ends.
struct Stage {
    server: Server,
    orders: mpsc::Sender<Say>,
    events: mpsc::Receiver<Told>,
    states: watch::Receiver<States>,
    task: tokio::task::JoinHandle<Over>,
}

fn stage() -> Stage {
    let mut settings = Settings::new("kosmi.main", Network::default(), Profile::default());
    settings.login = Login::Token(Hidden::new("opaque"));
    let (events_in, events) = mpsc::channel(64);
    let (states_in, states) = watch::channel(States::default());
    let logins = Logins::new(&settings);
    let shared = Shared::new(settings, logins, Board::new(states_in), events_in, &[]);
    let (ours, theirs) = Channel::pair(8);
    let session = towpath_graphql::Settings {
        generation: Generation::TransportWs,
        init_payload: None,
        ack_timeout_ms: 10_000,
        ping_every_ms: None,
        silence_max_ms: None,
    };
    let (orders, mut waiting) = mpsc::channel(4);
    let task = tokio::spawn(async move {
        let wire = Wire::new(ours, session, 0);
        let mut room = Room::new("@room".to_owned(), Timeline::new(None), Proofs::new());
        let talk = Talk::new(&shared, "@room", &mut room, wire, false);
        talk.run(&mut waiting).await.over
    });
    Stage {
        server: Server {
            channel: theirs,
            asked: HashMap::new(),
        },
        orders,
        events,
        states,
        task,
    }
}

impl Stage {
    async fn ready(&mut self) {
        self.server.enter().await;
        let ready = self.states.wait_for(|states| states.connection.is_ready());
        drop(
            timeout(PATIENCE, ready)
                .await
                .expect("never ready")
                .unwrap(),
        );
    }

    async fn told(&mut self) -> Told {
        let told = timeout(PATIENCE, self.events.recv()).await;
        told.expect("nothing is told").expect("it is over")
    }

    async fn text(&mut self) -> String {
        loop {
            match self.told().await {
                Told::Said { message, .. } => return message.text,
                Told::Own { .. } => {}
                missed @ Told::Missed { .. } => panic!("{missed:?}"),
            }
        }
    }

    async fn say(&self, text: &str) -> oneshot::Receiver<Outcome> {
        let (answer, outcome) = oneshot::channel();
        let sending = Box::new(Sending::new(text, "@room", Outgoing::text(text)));
        assert!(self.orders.send(Say { sending, answer }).await.is_ok());
        outcome
    }
}

#[tokio::test]
async fn answers_are_told_apart_by_their_ids() {
    let mut stage = stage();
    stage.ready().await;
    assert_eq!(stage.text().await, "live");
    let messages = stage.server.asked("newMessage").await;
    stage
        .server
        .next(&messages, message("2", "u-ann", "second"))
        .await;
    stage
        .server
        .next(&messages, message("2", "u-ann", "second"))
        .await;
    stage
        .server
        .next(&messages, json!({"newMessage": null}))
        .await;
    stage
        .server
        .next(&messages, message("3", "u-ann", "third"))
        .await;
    assert_eq!(stage.text().await, "second");
    assert_eq!(stage.text().await, "third");
}

#[tokio::test]
async fn the_proof_may_come_before_the_answer() {
    let mut stage = stage();
    stage.ready().await;
    let outcome = stage.say("hello").await;
    let send = stage.server.asked("sendMessage").await;
    let messages = stage.server.asked("newMessage").await;
    stage
        .server
        .next(&messages, message("7", "u-ann", "hello"))
        .await;
    stage
        .server
        .next(&messages, message("8", "u-us", " hello "))
        .await;
    let proven = timeout(PATIENCE, outcome).await.unwrap().unwrap();
    let id = Some("8".to_owned());
    assert_eq!(proven, Outcome::Delivered { id });
    stage
        .server
        .next(&send, json!({"sendMessage": {"ok": true}}))
        .await;
    stage.server.complete(&send).await;
    assert_eq!(stage.text().await, "live");
    assert_eq!(stage.text().await, "hello", "somebody else said the same");
}

#[tokio::test]
async fn a_loss_in_the_middle_leaves_the_fate_open() {
    let mut stage = stage();
    stage.ready().await;
    let outcome = stage.say("hello").await;
    stage.server.asked("sendMessage").await;
    stage
        .server
        .channel
        .sender
        .close(Some(1012), "restart")
        .await
        .unwrap();
    let outcome = timeout(PATIENCE, outcome).await.unwrap().unwrap();
    assert!(
        matches!(
            outcome,
            Outcome::Later {
                uncertain: true,
                ..
            }
        ),
        "{outcome:?}"
    );
    let over = timeout(PATIENCE, stage.task).await.unwrap().unwrap();
    assert!(matches!(over, Over::Retry(_)), "{over:?}");
}

#[tokio::test]
async fn the_end_of_the_subscription_is_a_loss() {
    let mut stage = stage();
    stage.ready().await;
    let messages = stage.server.asked("newMessage").await;
    stage.server.complete(&messages).await;
    let over = timeout(PATIENCE, stage.task).await.unwrap().unwrap();
    let Over::Retry(why) = over else {
        panic!("{over:?}");
    };
    assert!(why.sentence.contains("subscription"), "{why}");
}
