//! Everything that can go wrong between a side and the engine, at random and again and again, while both sides talk: nothing is lost,
//! nothing is told or said twice, and the order stays.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep, timeout};
use towpath_lab::{Kosmi, KosmiOptions, start_kosmi};
use towpath_sides::kosmi::start_knowing;
use towpath_sides::{Event, Http, HttpLimits, HttpRequest, Join, Mark, Outcome, Sending, Side};

use super::scene::{ROOM, Scene, now_unix_ms};

/// Messages in each direction.
const MESSAGES: usize = 60;

/// Far more than it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Draws numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_whatever_fails() {
    let seed = std::env::var("TOWPATH_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| now_unix_ms().unsigned_abs() | 1);
    println!("TOWPATH_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut options = KosmiOptions {
        archive: Some(folder.path().join("archive")),
        ..KosmiOptions::default()
    };
    let scene = Scene::on(options.clone(), |_| {}).await;
    options.listen = scene.kosmi.address();
    let Scene {
        kosmi,
        side,
        settings,
        tokens: _tokens,
        ..
    } = scene;
    let http = Http::new(settings.network.net.clone(), settings.network.proxy.clone());
    let engine = Engine {
        kosmi: Some(kosmi),
        options,
        http,
        said: 0,
        has_revoked: false,
    };
    let relay = Relay::new(side, settings);
    let run = timeout(PATIENCE, run(engine, relay, Dice(seed)));
    let (said, told, room) = run.await.expect("it does not come to an end");
    assert_eq!(told, said, "what a person said");
    let ours: Vec<String> = (0..MESSAGES).map(ours).collect();
    assert_eq!(room, ours, "what we said");
}

fn ours(number: usize) -> String {
    // Some say the same again and again.
    if number.is_multiple_of(3) {
        "same".to_owned()
    } else {
        format!("ours {number}")
    }
}

/// Runs until everything is said and told. Gives what a person said, what was told, and what the room has of us.
async fn run(
    mut engine: Engine,
    mut relay: Relay,
    mut dice: Dice,
) -> (Vec<String>, Vec<String>, Vec<String>) {
    relay.begin().await;
    let mut next_word = Instant::now();
    let mut next_fault = Instant::now() + Duration::from_millis(200);
    let mut said = Vec::new();
    loop {
        let is_done =
            said.len() == MESSAGES && relay.told.len() >= MESSAGES && relay.sent == MESSAGES;
        if is_done {
            return (said, relay.told, engine.room());
        }
        tokio::select! {
            event = relay.side.events.recv() => relay.take(event.expect("the side is there")),
            outcome = &mut relay.sending => relay.outcome(outcome),
            () = tokio::time::sleep_until(next_word), if said.len() < MESSAGES => {
                if let Some(text) = engine.person() {
                    said.push(text);
                }
                next_word = Instant::now() + Duration::from_millis(5 + dice.below(30));
            }
            () = tokio::time::sleep_until(next_fault), if said.len() < MESSAGES || relay.sent < MESSAGES => {
                next_fault = Instant::now() + Duration::from_millis(100 + dice.below(300));
                match dice.below(12) {
                    0 | 1 => relay.kill().await,
                    fault => engine.fail(fault).await,
                }
            }
        }
    }
}

/// The stand-in, which can be killed.
struct Engine {
    kosmi: Option<Kosmi>,
    options: KosmiOptions,
    http: Http,
    said: usize,
    has_revoked: bool,
}

impl Engine {
    fn kosmi(&self) -> &Kosmi {
        self.kosmi.as_ref().expect("it runs")
    }

    fn person(&mut self) -> Option<String> {
        let text = format!("theirs {}", self.said);
        self.kosmi().say(ROOM, "Ann", &text).ok()?;
        self.said += 1;
        Some(text)
    }

    fn room(&self) -> Vec<String> {
        let lines = self.kosmi().room(ROOM).into_iter();
        let ours = lines.filter(|line| line.by_client);
        ours.map(|line| line.text).collect()
    }

    async fn fail(&mut self, fault: u64) {
        match fault {
            2 => {
                drop(self.kosmi.take());
                self.kosmi = Some(again(&self.options).await);
            }
            3 => self.control("drop", json!({})).await,
            4 => self.control("troubles", json!({"swallow_sends": 1})).await,
            5 => {
                self.control("troubles", json!({"vanish_after_sends": 1}))
                    .await;
            }
            6 => {
                self.control("troubles", json!({"vanish_before_sends": 1}))
                    .await;
            }
            7 => self.control("mute", json!({})).await,
            8 => {
                // Logins are paused where one token after the other is refused, which would only make this last longer.
                if !std::mem::replace(&mut self.has_revoked, true) {
                    self.control("revoke", json!({})).await;
                }
                self.control("drop", json!({})).await;
            }
            9 => self.control("remove", json!({"room": ROOM})).await,
            10 => self.control("close", json!({"code": 1012})).await,
            _ => {
                self.control("troubles", json!({"page": 5, "archive_delay_ms": 60}))
                    .await;
            }
        }
    }

    async fn control(&self, what: &str, body: serde_json::Value) {
        let url = format!("{}control/{what}", self.kosmi().login_url());
        let request = HttpRequest::new(
            "POST".parse().expect("a method"),
            url.parse().expect("a URL"),
        );
        let request = request.with_json(body.to_string());
        let answer = self.http.request(request, &HttpLimits::default()).await;
        assert!(answer.expect("an answer").is_success());
    }
}

/// Starts the stand-in where another one was killed, whose port is not free at once.
async fn again(options: &KosmiOptions) -> Kosmi {
    loop {
        match start_kosmi(options.clone()).await {
            Ok(kosmi) => return kosmi,
            Err(_) => sleep(Duration::from_millis(5)).await,
        }
    }
}

type Sent = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What intake and courier do, without a store.
struct Relay {
    side: Side,
    settings: towpath_sides::kosmi::Settings,
    own: Vec<String>,
    known: HashSet<String>,
    told: Vec<String>,
    mark: Mark,
    sent: usize,
    behind: Option<String>,
    begun: Option<i64>,
    tried: i64,
    sending: Sent,
}

impl Relay {
    fn new(side: Side, settings: towpath_sides::kosmi::Settings) -> Self {
        Self {
            side,
            settings,
            own: Vec::new(),
            known: HashSet::new(),
            told: Vec::new(),
            mark: Mark {
                id: None,
                at_unix_ms: now_unix_ms(),
            },
            sent: 0,
            behind: None,
            begun: None,
            tried: 0,
            sending: Box::pin(std::future::pending()),
        }
    }

    async fn begin(&mut self) {
        let (room, since) = (ROOM.to_owned(), Some(self.mark.clone()));
        self.side.sender.join(Join { room, since }).await;
        self.send(Duration::ZERO);
    }

    /// As if the program were killed: what was not written down is forgotten.
    async fn kill(&mut self) {
        self.side.task.abort();
        self.begun.get_or_insert(self.tried);
        self.side = start_knowing(self.settings.clone(), self.own.clone());
        self.begin().await;
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Own { user_id } => self.own.push(user_id),
            Event::Missed { why, .. } => panic!("missed: {why}"),
            Event::Said { message, .. } => {
                let id = message.id.expect("the engine gives ids");
                if self.known.insert(id.clone()) {
                    self.told.push(message.text);
                    if message.at_unix_ms >= self.mark.at_unix_ms || self.mark.id.is_none() {
                        self.mark = Mark {
                            id: Some(id),
                            at_unix_ms: message.at_unix_ms,
                        };
                    }
                }
            }
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Delivered { id } => {
                self.sent += 1;
                self.behind = id;
                self.begun = None;
                self.send(Duration::ZERO);
            }
            Outcome::Later {
                uncertain, after, ..
            } => {
                if uncertain {
                    self.begun.get_or_insert(self.tried);
                }
                self.send(after.unwrap_or(Duration::from_millis(20)));
            }
            Outcome::Refused { why } => panic!("{why}"),
        }
    }

    /// Sends the next piece, or the same again.
    fn send(&mut self, wait: Duration) {
        if self.sent == MESSAGES {
            self.sending = Box::pin(std::future::pending());
            return;
        }
        self.tried = now_unix_ms();
        let (sender, mut states) = (self.side.sender.clone(), self.side.states.clone());
        let sending = Sending {
            id: format!("piece-{}", self.sent),
            begun_unix_ms: self.begun,
            behind: self.behind.clone(),
            ..super::scene::piece(&ours(self.sent))
        };
        self.sending = Box::pin(async move {
            sleep(wait).await;
            // As couriers do: no order before the room is ready.
            let _ = states.wait_for(|states| states.connection.is_ready()).await;
            sender.send(sending).await
        });
    }
}
