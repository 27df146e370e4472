//! A stand-in, a side on it, and both in hand.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use towpath_chat::kosmi::Profile;
use towpath_chat::{Message, Outgoing};
use towpath_lab::{Kosmi, KosmiOptions, start_kosmi};
use towpath_sides::kosmi::{Settings, Times, start_knowing};
use towpath_sides::{
    Event, Http, HttpLimits, HttpRequest, Join, Mark, Network, Outcome, Sending, Side, State,
};
use towpath_tokens::CacheSettings;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) const ROOM: &str = "@lounge";

/// A stand-in and a side.
pub(super) struct Scene {
    pub(super) kosmi: Kosmi,
    pub(super) side: Side,
    pub(super) settings: Settings,
    http: Http,
    own: Vec<String>,
    sent: u32,
    pub(super) tokens: TempDir,
}

impl Scene {
    /// A side in the room.
    pub(super) async fn ready() -> Self {
        let mut scene = Self::before(|_| {}).await;
        scene.join(ROOM, None).await;
        scene.is_ready().await;
        scene
    }

    /// A side that was not asked for anything yet.
    pub(super) async fn before(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(KosmiOptions::default(), change).await
    }

    pub(super) async fn on(options: KosmiOptions, change: impl FnOnce(&mut Settings)) -> Self {
        let kosmi = start_kosmi(options).await.expect("a stand-in");
        let tokens = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new("kosmi.main", Network::default(), Profile::default());
        settings.url = Some(kosmi.url().parse().expect("it is one"));
        settings.login_url = Some(kosmi.login_url().parse().expect("it is one"));
        settings.may_use_browser = false;
        settings.times = quick();
        settings.tokens = Some(CacheSettings {
            folder: tokens.path().join("tokens"),
            keyring: false,
        });
        change(&mut settings);
        Self {
            side: start_knowing(settings.clone(), Vec::new()),
            http: Http::new(settings.network.net.clone(), settings.network.proxy.clone()),
            kosmi,
            settings,
            own: Vec::new(),
            sent: 0,
            tokens,
        }
    }

    /// Ends the side and starts it anew, as a restart of the program does.
    pub(super) async fn restart(&mut self) {
        self.side.sender.end().await;
        while self.side.events.recv().await.is_some() {}
        self.side = start_knowing(self.settings.clone(), self.own.clone());
    }

    pub(super) async fn join(&self, room: &str, since: Option<Mark>) {
        let room = room.to_owned();
        self.side.sender.join(Join { room, since }).await;
    }

    /// Waits for a state.
    pub(super) async fn sees(&mut self, what: &str, wanted: impl Fn(&State) -> bool) -> State {
        let mut states = self.side.states.clone();
        let seen = states.wait_for(|states| wanted(&states.connection));
        let seen = timeout(PATIENCE, seen).await;
        let Ok(seen) = seen.map(|seen| seen.expect("the side is there").connection.clone()) else {
            panic!("never {what}: {:?}", self.side.states.borrow().clone());
        };
        seen
    }

    pub(super) async fn is_ready(&mut self) {
        self.sees("ready", State::is_ready).await;
    }

    /// What was the matter last.
    pub(super) fn trouble(&self) -> String {
        let states = self.side.states.borrow();
        let trouble = states.last_trouble.as_ref();
        trouble.map_or_else(String::new, |trouble| trouble.why.to_string())
    }

    pub(super) fn connections(&self) -> u64 {
        self.side.states.borrow().connections
    }

    /// Waits until the side has come back on another connection.
    pub(super) async fn is_back(&mut self, before: u64) {
        let seen = self
            .side
            .states
            .wait_for(|states| states.connections > before && states.connection.is_ready());
        assert!(
            timeout(PATIENCE, seen).await.is_ok(),
            "it does not come back"
        );
    }

    /// Works the stand-in.
    pub(super) async fn control(&self, what: &str, body: Value) -> Value {
        let url = format!("{}control/{what}", self.kosmi.login_url());
        let method = if body.is_null() { "GET" } else { "POST" };
        let mut request = HttpRequest::new(
            method.parse().expect("it is one"),
            url.parse().expect("it is one"),
        );
        if !body.is_null() {
            request = request.with_json(body.to_string());
        }
        let answer = self.http.request(request, &HttpLimits::default()).await;
        let answer = answer.expect("an answer");
        assert!(answer.is_success(), "{what}: {}", answer.excerpt(200));
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    pub(super) async fn troubles(&self, troubles: Value) {
        self.control("troubles", troubles).await;
    }

    /// A person says something.
    pub(super) async fn person(&self, text: &str) -> String {
        let said = json!({"room": ROOM, "name": "Ann", "text": text});
        let said = self.control("say", said).await;
        said["id"].as_str().expect("an id").to_owned()
    }

    /// The texts in the room that the side has said.
    pub(super) async fn said_by_us(&self) -> Vec<String> {
        let room = self.control("room?room=@lounge", Value::Null).await;
        let messages = room["messages"].as_array().expect("a list").iter();
        let ours = messages.filter(|message| message["by_client"] == true);
        ours.map(|message| message["text"].as_str().expect("a text").to_owned())
            .collect()
    }

    /// What the side tells next, but for its own ids.
    pub(super) async fn event(&mut self) -> Event {
        loop {
            let event = timeout(PATIENCE, self.side.events.recv()).await;
            match event.expect("nothing is told").expect("the side ended") {
                Event::Own { user_id } => self.own.push(user_id),
                event => return event,
            }
        }
    }

    /// The next message and whether it comes from the history.
    pub(super) async fn told(&mut self) -> (Message, bool) {
        match self.event().await {
            Event::Said { message, replayed } => (*message, replayed),
            other => panic!("{other:?}"),
        }
    }

    /// The texts of the next messages.
    pub(super) async fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.push(self.told().await.0.text);
        }
        texts
    }

    /// A message of a person comes through, and nothing before it.
    pub(super) async fn nothing_but(&mut self, text: &str) {
        self.person(text).await;
        assert_eq!(self.texts(1).await, [text]);
    }

    pub(super) fn own(&mut self) -> &[String] {
        while let Ok(event) = self.side.events.try_recv() {
            match event {
                Event::Own { user_id } => self.own.push(user_id),
                other => panic!("{other:?}"),
            }
        }
        &self.own
    }

    pub(super) fn piece(&mut self, text: &str) -> Sending {
        self.sent += 1;
        Sending {
            id: format!("piece-{}", self.sent),
            ..piece(text)
        }
    }

    pub(super) async fn send(&self, piece: &Sending) -> Outcome {
        self.side.sender.send(piece.clone()).await
    }

    /// Says a piece as a courier does: again and again until its outcome is known. Gives its id and how often it was tried.
    pub(super) async fn deliver(&mut self, mut piece: Sending) -> (Option<String>, u32) {
        let begun = now_unix_ms();
        for tries in 1..100 {
            self.is_ready().await;
            match self.send(&piece).await {
                Outcome::Delivered { id } => return (id, tries),
                Outcome::Later {
                    uncertain, after, ..
                } => {
                    if uncertain {
                        piece.begun_unix_ms.get_or_insert(begun);
                    }
                    tokio::time::sleep(after.unwrap_or(Duration::from_millis(20))).await;
                }
                refused @ Outcome::Refused { .. } => panic!("{refused:?}"),
            }
        }
        panic!("never delivered: {}", self.trouble());
    }
}

/// A piece to say.
pub(super) fn piece(text: &str) -> Sending {
    Sending::new("piece", ROOM, Outgoing::text(text))
}

/// Waits that are long enough on this machine and short enough for a test.
fn quick() -> Times {
    let ms = Duration::from_millis;
    Times {
        open: ms(5_000),
        acknowledgement: ms(400),
        operation: ms(800),
        silence: ms(1_500),
        ping: ms(300),
        echo: ms(400),
        reconcile_first: ms(200),
        reconcile: ms(400),
        backoff_first: ms(40),
        backoff_max: ms(160),
        slow: ms(160),
        stable: ms(60_000),
    }
}

pub(super) fn now_unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("it is after 1970").as_millis())
        .expect("it is long before the year 292278994")
}
