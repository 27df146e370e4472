//! Running one operation: what each root field does.

use std::io;

use serde_json::{Value, json};

use super::archive::{CHANNEL, Said};
use super::document;
use super::house::{is_room, seconds};
use super::person::Person;
use super::schema::{self, Asked};
use super::talk::{Subscription, Talk, Then, bad};
use super::troubles::SendTrouble;

/// What an operation comes to.
enum Done {
    /// This answer, after so many milliseconds.
    Answer(Value, u64),
    Error(String),
    Vanish,
}

impl Talk<'_> {
    /// Takes a `subscribe` or `start`.
    pub(super) async fn operation(&mut self, message: &Value) -> io::Result<Then> {
        if self.person.is_none() {
            return Ok(bad("Subscribe message sent before ConnectionInit"));
        }
        let payload = &message["payload"];
        let (Some(id), Some(query)) = (message["id"].as_str(), payload["query"].as_str()) else {
            // What is malformed gets no answer at all.
            return Ok(Then::GoOn);
        };
        if self.subscriptions.contains_key(id) {
            let reason = format!("Subscriber for {id} already exists");
            return Ok(Then::Close(4409, reason));
        }
        let asked = match asked(query, payload) {
            Ok(asked) => asked,
            Err(message) => return self.error(id, &message).await,
        };
        let name = asked.field.name.clone();
        *self
            .house
            .counts()
            .operations
            .entry(name.clone())
            .or_default() += 1;
        let (is_unanswered, error) = {
            let troubles = self.house.troubles();
            (
                troubles.unanswered.contains(&name),
                troubles.errors.get(&name).cloned(),
            )
        };
        if is_unanswered {
            return Ok(Then::GoOn);
        }
        if let Some(message) = error {
            return self.error(id, &message).await;
        }
        if asked.kind == "subscription" {
            return self.subscribe(id, asked).await;
        }
        match self.run_once(&asked)? {
            Done::Vanish => Ok(Then::Vanish),
            Done::Error(message) => self.error(id, &message).await,
            Done::Answer(answer, delay) => {
                let text = self.result(id, &schema::data(&asked.field, &answer));
                let complete = json!({ "type": "complete", "id": id }).to_string();
                if delay == 0 {
                    self.write_text(&text).await?;
                } else {
                    self.send_later(delay, text);
                }
                self.send_later(delay + COMPLETE_DELAY_MS, complete);
                Ok(Then::GoOn)
            }
        }
    }

    async fn subscribe(&mut self, id: &str, asked: Asked) -> io::Result<Then> {
        let room = match asked.text("roomId") {
            "" => asked.text("id").to_owned(),
            room => room.to_owned(),
        };
        if !is_room(&room) {
            return self.error(id, "ROOM_NOT_FOUND").await;
        }
        let is_message = asked.field.name.starts_with("newMessage");
        let drops_after_one = is_message && !self.joined.contains(&room);
        let subscription = Subscription {
            asked,
            room,
            drops_after_one,
        };
        self.subscriptions.insert(id.to_owned(), subscription);
        Ok(Then::GoOn)
    }

    fn run_once(&mut self, asked: &Asked) -> io::Result<Done> {
        let answer = match asked.field.name.as_str() {
            "currentUser" => {
                let mut user = self.person.as_ref().map_or(Value::Null, Person::user);
                user["user"] = user.clone();
                user["connectionId"] = Value::from("lab");
                user
            }
            "joinRoom" => {
                let room = asked.text("id");
                if !is_room(room) {
                    return Ok(Done::Error("ROOM_NOT_FOUND".to_owned()));
                }
                if let Some(person) = &self.person
                    && self.joined.insert(room.to_owned())
                {
                    self.house.tell_member("memberJoins", room, person);
                }
                json!({ "ok": true })
            }
            "chatArchive" => {
                let delay = self.house.troubles().archive_delay_ms;
                return Ok(self
                    .page(asked)
                    .map_or_else(Done::Error, |page| Done::Answer(page, delay)));
            }
            _ => return self.send(asked),
        };
        Ok(Done::Answer(answer, 0))
    }

    fn send(&self, asked: &Asked) -> io::Result<Done> {
        let ok = Done::Answer(json!({ "ok": true }), 0);
        let (room, body) = (asked.text("roomId"), asked.text("body"));
        let Some(by) = self.person.clone() else {
            return Ok(Done::Error("UNAUTHORIZED".to_owned()));
        };
        // It is said to have worked, and nobody sees it.
        if !self.joined.contains(room) {
            return Ok(ok);
        }
        let (trouble, chars_max) = {
            let mut troubles = self.house.troubles();
            (troubles.of_next_send(), troubles.body_chars_max)
        };
        if chars_max.is_some_and(|most| body.chars().count() > most) {
            return Ok(Done::Error("MESSAGE_TOO_LONG".to_owned()));
        }
        match trouble {
            SendTrouble::Swallowed => return Ok(ok),
            SendTrouble::VanishBefore => return Ok(Done::Vanish),
            SendTrouble::None | SendTrouble::VanishAfter => {}
        }
        let channel = match asked.text("channelId") {
            "" => CHANNEL,
            channel => channel,
        };
        self.house.say(Said {
            id: String::new(),
            room: room.to_owned(),
            channel: channel.to_owned(),
            body: body.to_owned(),
            by,
            by_client: true,
            time: seconds(),
            reply_to: asked
                .arguments
                .get("replyToMessageId")
                .and_then(Value::as_str)
                .map(str::to_owned),
            edited_at: None,
        })?;
        Ok(match trouble {
            SendTrouble::VanishAfter => Done::Vanish,
            _ => ok,
        })
    }

    /// A page of the archive. A cursor is the place of the page's end, counted from the start; that it leads to older messages
    /// is a guess, and so is the order within a page.
    fn page(&self, asked: &Asked) -> Result<Value, String> {
        let (size, newest_first) = {
            let troubles = self.house.troubles();
            (troubles.page(), troubles.newest_first)
        };
        let rooms = self.house.rooms();
        let channel = asked.text("channelId");
        let all: Vec<&Said> = rooms
            .room(asked.text("roomId"))
            .iter()
            .filter(|said| said.channel == channel)
            .collect();
        let end = match asked.text("cursor") {
            "" => all.len(),
            cursor => cursor.parse().map_err(|_| "BAD_CURSOR".to_owned())?,
        };
        let end = all.len().min(end);
        let start = end.saturating_sub(size);
        let mut results: Vec<Value> = all[start..end].iter().map(|said| said.message()).collect();
        if newest_first {
            results.reverse();
        }
        Ok(json!({
            "backCursor": (start > 0).then(|| start.to_string()),
            "forwardCursor": (end < all.len()).then(|| (end + size).to_string()),
            "results": results,
        }))
    }

    /// An error ends its operation; no `complete` follows.
    async fn error(&mut self, id: &str, message: &str) -> io::Result<Then> {
        let error = json!({ "message": message, "locations": [], "path": [] });
        let payload = if self.house.troubles().error_as_object {
            error
        } else {
            json!([error])
        };
        self.say(&json!({ "type": "error", "id": id, "payload": payload }))
            .await
    }
}

/// The operation of a payload: the one that is named, or the first.
fn asked(query: &str, payload: &Value) -> Result<Asked, String> {
    let operations = document::parse(query)?;
    let named = payload["operationName"].as_str();
    let operation = operations
        .iter()
        .find(|operation| named.is_none() || operation.name.as_deref() == named)
        .ok_or_else(|| "Unknown operation named in the request.".to_owned())?;
    schema::ask(operation, &payload["variables"])
}

/// How long after its answer a `complete` comes.
const COMPLETE_DELAY_MS: u64 = 15;
