//! A gateway process, a client through a relay, and a conversation that counts every message.
//!
//! A message that is lost, doubled, changed or out of order fails the test where it is noticed.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use towpath_tests::boxes::{Running, gateway};
use towpath_transport::client::{Client, Closed, Event, Message, Sender, Settings, Transport};

use crate::backend::{Backend, pattern};
use towpath_tests::support::chance::Chance;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// A backend with a gateway before it.
pub(crate) struct Place {
    pub(crate) backend: Backend,
    pub(crate) gateway: Running,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::configured("").await
    }

    /// With lines of `towpath.toml`.
    pub(crate) async fn configured(settings: &str) -> Self {
        Self::configured_by(settings.to_owned()).await
    }

    /// The same with settings that were put together.
    pub(crate) async fn configured_by(settings: String) -> Self {
        let backend = Backend::start().await;
        // On this thread: the system ends the program when the thread that started it is gone.
        let gateway = gateway::configured(backend.port(), &settings);
        Self { backend, gateway }
    }

    /// A client straight at the gateway.
    pub(crate) fn client(&self, path: &str, transports: &[Transport]) -> Client {
        client(self.gateway.port, path, transports)
    }
}

/// A client of a loopback port that is held to these transports.
pub(crate) fn client(port: u16, path: &str, transports: &[Transport]) -> Client {
    Client::open(settings(port, path, transports)).unwrap()
}

/// Its settings.
pub(crate) fn settings(port: u16, path: &str, transports: &[Transport]) -> Settings {
    Settings {
        transports: transports.to_vec(),
        ..Settings::new(format!("ws://127.0.0.1:{port}{path}"))
    }
}

/// The next event; a test that waits too long fails here.
pub(crate) async fn next(client: &mut Client) -> Event {
    timeout(PATIENCE, client.next())
        .await
        .expect("something happens in time")
        .expect("the session is not over")
}

/// The next event that is not about transports.
pub(crate) async fn news(client: &mut Client) -> Event {
    loop {
        match next(client).await {
            Event::Reconnecting | Event::Recovered { .. } => {}
            event => return event,
        }
    }
}

pub(crate) async fn opened(client: &mut Client) {
    let event = news(client).await;
    assert!(matches!(event, Event::Opened { .. }), "{event:?}");
}

pub(crate) async fn closed(client: &mut Client) -> Closed {
    match news(client).await {
        Event::Closed(closed) => closed,
        event => panic!("not closed but {event:?}"),
    }
}

pub(crate) async fn message(client: &mut Client) -> Message {
    match news(client).await {
        Event::Message(message) => message,
        event => panic!("no message but {event:?}"),
    }
}

/// Says a text and hears it back.
pub(crate) async fn echo(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.unwrap();
    assert_eq!(message(client).await, Message::text(text));
}

/// Numbered messages in both directions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) up: u64,
    /// As the backend was told by `first`.
    pub(crate) down: u64,
    pub(crate) bytes_below: u64,
    pub(crate) seed: u64,
    /// Wait between two sends.
    pub(crate) pause: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            up: 200,
            down: 200,
            bytes_below: 2_000,
            seed: 1,
            pause: Duration::ZERO,
        }
    }
}

/// What a conversation has heard; each message is the next of its kind or the test fails.
#[derive(Debug)]
pub(crate) struct Conversation {
    plan: Plan,
    expected: Chance,
    echoes: u64,
    numbers: u64,
    opened: bool,
    sending: JoinHandle<()>,
}

impl Conversation {
    /// Begins to send.
    pub(crate) fn begin(sender: Sender, plan: Plan) -> Self {
        let sending = tokio::spawn(async move {
            let mut chance = Chance::new(plan.seed);
            for number in 1..=plan.up {
                let message = numbered(number, &mut chance, plan.bytes_below);
                sender.send(message).await.expect("the session lives");
                if !plan.pause.is_zero() {
                    tokio::time::sleep(plan.pause).await;
                }
            }
        });
        Self {
            plan,
            expected: Chance::new(plan.seed),
            echoes: 0,
            numbers: 0,
            opened: false,
            sending,
        }
    }

    pub(crate) fn heard(&self) -> u64 {
        self.echoes + self.numbers
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.echoes == self.plan.up && self.numbers == self.plan.down
    }

    /// Takes one event.
    pub(crate) fn hear(&mut self, event: Event) {
        match event {
            Event::Opened { .. } => {
                assert!(!std::mem::replace(&mut self.opened, true), "opened twice");
            }
            Event::Message(message) => self.take(&message),
            Event::Reconnecting | Event::Recovered { .. } => {}
            event => panic!("after {} messages: {event:?}", self.heard()),
        }
    }

    fn take(&mut self, message: &Message) {
        assert!(self.opened, "a message before the opening");
        let next = self.numbers + 1;
        if message.as_text() == Some(&format!("server {next}")) {
            self.numbers += 1;
            return;
        }
        let number = self.echoes + 1;
        let expected = numbered(number, &mut self.expected, self.plan.bytes_below);
        assert!(
            *message == expected,
            "echo {number} or number {next} was due and {} came",
            brief(message)
        );
        self.echoes += 1;
    }

    /// Hears everything; `meanwhile` is told how much was heard after each event.
    pub(crate) async fn run(mut self, client: &mut Client, mut meanwhile: impl FnMut(u64)) {
        while !self.is_complete() {
            let event = timeout(PATIENCE, client.next()).await;
            let Ok(event) = event else {
                panic!(
                    "nothing for {PATIENCE:?} after {} echoes and {} numbers over {:?}",
                    self.echoes,
                    self.numbers,
                    client.transport()
                );
            };
            self.hear(event.expect("the session lives"));
            meanwhile(self.heard());
        }
        self.sending.await.unwrap();
    }
}

/// Message number `number`: its number, its kind and its length are checked by comparison.
fn numbered(number: u64, chance: &mut Chance, bytes_below: u64) -> Message {
    let bytes = usize::try_from(chance.below(bytes_below)).unwrap();
    if number.is_multiple_of(2) {
        let mut payload = number.to_be_bytes().to_vec();
        payload.extend(pattern(bytes));
        Message::binary(payload)
    } else {
        Message::text(format!("client {number} {}", "é".repeat(bytes / 2)))
    }
}

fn brief(message: &Message) -> String {
    match message.as_text() {
        Some(text) => text.chars().take(40).collect(),
        None => format!("{:?}", &message.payload()[..message.payload().len().min(8)]),
    }
}

/// Closes and sees both sides agree.
pub(crate) async fn farewell(mut client: Client) {
    client.close(Some(1000), "done").await.unwrap();
    let closed = closed(&mut client).await;
    assert_eq!(closed.code, 1000);
    assert_eq!(closed.unacknowledged, []);
    assert_eq!(client.next().await, None);
}
