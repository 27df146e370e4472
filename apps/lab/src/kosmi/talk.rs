//! What is said on one socket: the messages of GraphQL over WebSocket, with the engine's oddities.
//!
//! A `complete` follows its answer a little later, so that it falls between the frames of other operations, as the notes saw.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::WriteHalf;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until, timeout};
use towpath_websocket::{CloseCode, FrameHeader, Opcode, encode_close};

use crate::frames::{self, Frame};
use crate::graphql::Dialect;
use crate::stream::Stream;

use super::house::{Happening, House};
use super::person::Person;
use super::schema::{self, Asked};
use super::troubles::Refusal;

/// One socket.
pub(super) struct Talk<'a> {
    pub(super) house: &'a House,
    write: WriteHalf<Stream>,
    pub(super) person: Option<Person>,
    pub(super) joined: BTreeSet<String>,
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    /// What is due at a time; the number keeps the order.
    later: BTreeMap<(Instant, u64), Later>,
    laters: u64,
    is_mute: bool,
    heard_at: Instant,
    ping_at: Instant,
}

/// A subscription of this socket.
pub(super) struct Subscription {
    pub(super) asked: Asked,
    pub(super) room: String,
    /// Asked for before the room was joined: the connection drops behind the first answer.
    pub(super) drops_after_one: bool,
}

enum Later {
    Text(String),
    Happening(Happening),
}

/// What follows from something that was heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    /// The TCP connection ends without a word.
    Vanish,
    Close(u16, String),
}

impl<'a> Talk<'a> {
    pub(super) fn new(house: &'a House, write: WriteHalf<Stream>) -> Self {
        let now = Instant::now();
        Self {
            house,
            write,
            person: None,
            joined: BTreeSet::new(),
            subscriptions: BTreeMap::new(),
            later: BTreeMap::new(),
            laters: 0,
            is_mute: false,
            heard_at: now,
            ping_at: now + house.ping_every,
        }
    }

    /// Talks until one end leaves.
    pub(super) async fn run(
        mut self,
        mut told: mpsc::Receiver<Frame>,
        mut happenings: broadcast::Receiver<Happening>,
    ) -> io::Result<()> {
        loop {
            let wake = self.wake_at();
            let then = tokio::select! {
                frame = told.recv() => match frame {
                    None => break,
                    Some(frame) => self.hear(frame).await?,
                },
                happening = happenings.recv() => match happening {
                    Ok(happening) => self.happen(happening).await?,
                    // Too slow a reader is dropped.
                    Err(_) => break,
                },
                () = sleep_until(wake) => self.wake_up().await?,
            };
            match then {
                Then::GoOn => {}
                Then::Vanish => break,
                Then::Close(code, reason) => {
                    self.close(code, &reason, &mut told).await?;
                    break;
                }
            }
        }
        Ok(())
    }

    fn wake_at(&self) -> Instant {
        let silent_at = self.heard_at + self.house.silence;
        let due = self.later.keys().next().map(|(at, _)| *at);
        [Some(silent_at), Some(self.ping_at), due]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(silent_at)
    }

    async fn wake_up(&mut self) -> io::Result<Then> {
        let now = Instant::now();
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let then = match entry.remove() {
                Later::Text(text) => self.write_text(&text).await.map(|()| Then::GoOn)?,
                Later::Happening(happening) => self.tell(happening).await?,
            };
            if then != Then::GoOn {
                return Ok(then);
            }
        }
        if now >= self.ping_at {
            self.ping_at = now + self.house.ping_every;
            if !self.is_mute {
                frames::write(&mut self.write, &FrameHeader::ping(0), b"").await?;
            }
        }
        if now >= self.heard_at + self.house.silence {
            self.heard_at = now;
            if !self.is_mute {
                self.house.counts().silenced += 1;
                return Ok(Then::Close(1000, String::new()));
            }
        }
        Ok(Then::GoOn)
    }

    async fn hear(&mut self, frame: Frame) -> io::Result<Then> {
        if self.is_mute {
            return Ok(Then::GoOn);
        }
        // A guess: an answer to the engine's own ping is no data of the client.
        if frame.header.opcode != Opcode::Pong {
            self.heard_at = Instant::now();
        }
        match frame.header.opcode {
            Opcode::Ping => {
                let pong = FrameHeader::pong(frame.payload.len());
                frames::write(&mut self.write, &pong, &frame.payload).await?;
            }
            Opcode::Close => {
                frames::write(&mut self.write, &frame.returned(), &frame.payload).await?;
                return Ok(Then::Vanish);
            }
            Opcode::Text => return self.message(&frame.payload).await,
            _ => {}
        }
        Ok(Then::GoOn)
    }

    async fn message(&mut self, payload: &[u8]) -> io::Result<Then> {
        let Ok(message) = serde_json::from_slice::<Value>(payload) else {
            let error = json!({ "type": "error", "id": "4400", "payload": {} });
            return self.say(&error).await;
        };
        let dialect = self.house.dialect;
        match (dialect, message["type"].as_str().unwrap_or_default()) {
            (_, "connection_init") => self.init(&message["payload"]).await,
            (Dialect::TransportWs, "ping") => self.say(&json!({ "type": "pong" })).await,
            (Dialect::TransportWs, "pong") => Ok(Then::GoOn),
            (Dialect::TransportWs, "subscribe") | (Dialect::Ws, "start") => {
                self.operation(&message).await
            }
            (Dialect::TransportWs, "complete") | (Dialect::Ws, "stop") => {
                self.subscriptions
                    .remove(message["id"].as_str().unwrap_or_default());
                Ok(Then::GoOn)
            }
            (Dialect::Ws, "connection_terminate") => Ok(Then::Close(1000, String::new())),
            _ => Ok(bad("Unhandled message from client")),
        }
    }

    async fn init(&mut self, payload: &Value) -> io::Result<Then> {
        if self.person.is_some() {
            let reason = "Too many initialisation requests".to_owned();
            return Ok(Then::Close(4429, reason));
        }
        let mut kept = payload.clone();
        let token = kept.as_object_mut().and_then(|kept| kept.remove("token"));
        self.house.counts().last_init = kept;
        let (no_ack, refusal) = {
            let troubles = self.house.troubles();
            (troubles.no_ack, troubles.refusal)
        };
        if no_ack {
            return Ok(Then::GoOn);
        }
        let token = token.as_ref().and_then(Value::as_str).unwrap_or_default();
        self.person = self.house.whose(token);
        if self.person.is_some() {
            self.say(&json!({ "type": "connection_ack" })).await?;
            if self.house.dialect == Dialect::Ws {
                self.say(&json!({ "type": "ka" })).await?;
            }
            return Ok(Then::GoOn);
        }
        match (self.house.dialect, refusal) {
            (_, Refusal::Forbidden) => Ok(Then::Close(4403, "Forbidden".to_owned())),
            (_, Refusal::Unauthorized) => Ok(Then::Close(4401, "Unauthorized".to_owned())),
            (Dialect::TransportWs, Refusal::Error) => {
                let error = json!({ "type": "error", "id": payload, "payload": {} });
                self.say(&error).await
            }
            (Dialect::Ws, Refusal::Error) => {
                let error = json!({ "type": "connection_error", "payload": { "message": "not authorised" } });
                self.say(&error).await
            }
        }
    }

    async fn happen(&mut self, happening: Happening) -> io::Result<Then> {
        match happening {
            Happening::Dropped => Ok(Then::Vanish),
            Happening::Closed { code, reason } => Ok(Then::Close(code, reason)),
            Happening::Muted => {
                self.is_mute = true;
                Ok(Then::GoOn)
            }
            other => {
                let delay = self.house.troubles().tell_delay_ms;
                if delay == 0 {
                    return self.tell(other).await;
                }
                self.put_off(delay, Later::Happening(other));
                Ok(Then::GoOn)
            }
        }
    }

    async fn tell(&mut self, happening: Happening) -> io::Result<Then> {
        match happening {
            Happening::Told {
                field,
                room,
                answer,
            } => self.tell_subscribers(field, &room, &answer).await,
            Happening::Removed { room } => {
                self.joined.remove(&room);
                self.tell_subscribers("roomDisconnect", &room, &json!({ "ok": true }))
                    .await?;
                self.subscriptions
                    .retain(|_, own| own.room != room || own.asked.field.name != "newMessage");
                Ok(Then::GoOn)
            }
            Happening::Dropped | Happening::Closed { .. } | Happening::Muted => Ok(Then::GoOn),
        }
    }

    async fn tell_subscribers(
        &mut self,
        field: &str,
        room: &str,
        answer: &Value,
    ) -> io::Result<Then> {
        let mut then = Then::GoOn;
        let mut texts = Vec::new();
        for (id, own) in &self.subscriptions {
            let channel = own.asked.text("channelId");
            let fits = own.asked.field.name == field
                && own.room == room
                && (channel.is_empty()
                    || answer["channelId"].is_null()
                    || answer["channelId"] == channel);
            // Nobody is told that they came or went themselves.
            let own_id = self.person.as_ref().map(|person| person.id.as_str());
            let is_own = field.starts_with("member") && answer["user"]["id"].as_str() == own_id;
            if fits && !is_own {
                texts.push(self.result(id, &schema::data(&own.asked.field, answer)));
                if own.drops_after_one {
                    then = Then::Vanish;
                }
            }
        }
        for text in texts {
            self.write_text(&text).await?;
        }
        Ok(then)
    }

    /// A frame with a result.
    pub(super) fn result(&self, id: &str, data: &Value) -> String {
        let kind = match self.house.dialect {
            Dialect::TransportWs => "next",
            Dialect::Ws => "data",
        };
        json!({ "type": kind, "id": id, "payload": { "data": data } }).to_string()
    }

    pub(super) async fn say(&mut self, message: &Value) -> io::Result<Then> {
        self.write_text(&message.to_string()).await?;
        Ok(Then::GoOn)
    }

    pub(super) async fn write_text(&mut self, text: &str) -> io::Result<()> {
        if self.is_mute {
            return Ok(());
        }
        frames::write_text(&mut self.write, text).await
    }

    /// Has a frame sent after some milliseconds.
    pub(super) fn send_later(&mut self, milliseconds: u64, text: String) {
        self.put_off(milliseconds, Later::Text(text));
    }

    fn put_off(&mut self, milliseconds: u64, what: Later) {
        let at = Instant::now() + Duration::from_millis(milliseconds);
        self.later.insert((at, self.laters), what);
        self.laters += 1;
    }

    /// Closes, and waits a while for the client's close.
    async fn close(
        &mut self,
        code: u16,
        reason: &str,
        told: &mut mpsc::Receiver<Frame>,
    ) -> io::Result<()> {
        let payload = encode_close(CloseCode(code), reason.as_bytes());
        frames::write(
            &mut self.write,
            &FrameHeader::close(payload.len()),
            &payload,
        )
        .await?;
        let closed = async {
            while let Some(frame) = told.recv().await {
                if frame.header.opcode == Opcode::Close {
                    break;
                }
            }
        };
        // A client that does not answer is left all the same.
        let _ = timeout(CLOSE_TIME_MAX, closed).await;
        Ok(())
    }
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        if let Some(person) = &self.person {
            for room in &self.joined {
                self.house.tell_member("memberLeaves", room, person);
            }
        }
    }
}

/// The library closes with this code where the specification has others.
pub(super) fn bad(reason: &str) -> Then {
    Then::Close(4400, reason.to_owned())
}

/// How long a client may take to answer a close.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(2);
