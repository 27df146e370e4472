//! Reads answers by the profile. It must never fail on a field that is missing, nor take what a server says for more than text.

use std::cmp::Ordering;

use serde_json::Value;
use towpath_graphql::Problem;

use super::operation::{Step, StepKind};
use super::profile::Profile;

/// A user, as far as the answer tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The id, which stays.
    pub id: Option<String>,
    /// The name to show; empty where there was none.
    pub name: String,
    /// Where a picture of the user is.
    pub avatar: Option<String>,
}

/// A message, as far as the answer tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Its id.
    pub id: Option<String>,
    /// Who wrote it.
    pub user: User,
    /// Its text.
    pub body: String,
    /// When, in milliseconds since 1970. Kosmi tells seconds.
    pub at_unix_ms: Option<i64>,
    /// The message that it replies to, by its id.
    pub reply_to: Option<String>,
}

/// One page of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    /// The messages, the oldest first.
    pub messages: Vec<Said>,
    /// Whether the server gave the newest first; none where all have the same second, and they are left as they came.
    pub newest_first: Option<bool>,
    /// From where the page before goes on; none at the beginning.
    pub older: Option<String>,
}

/// The answer to a message that was sent. It proves nothing: the message has to come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// What the server says.
    pub ok: Option<bool>,
    /// The new message's id, where the answer has one.
    pub id: Option<String>,
}

/// What an error is about, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is no such room. One with a name of its own is written with an `@`.
    RoomNotFound,
    /// The token is not taken (any more).
    Token,
    /// Too much in too short a time.
    Busy,
    /// Something else.
    Other,
}

/// Messages of one page of the history that are read; more do not fit a page.
const PAGE_MESSAGES_MAX: usize = 1_000;

/// Above this a number counts milliseconds, below it seconds: it is the year 5138 in the one and 1973 in the other.
const SECONDS_MAX: f64 = 100_000_000_000.0;

impl Profile {
    /// The token out of the answer to [`Profile::login_request`]; else what the server says.
    pub fn read_token(&self, body: &str) -> Result<String, String> {
        let answer: Value =
            serde_json::from_str(body).map_err(|_| "the answer is no JSON".to_owned())?;
        match self.login.token.text(&answer) {
            Some(token) => Ok(token),
            // Only the errors are told: elsewhere in the answer a token may stand.
            None => Err(said(answer.get("errors").unwrap_or(&Value::Null))),
        }
    }

    /// Who we are, out of the answer to [`StepKind::CurrentUser`].
    pub fn read_user(&self, data: &Value) -> Option<User> {
        let user = self.user(self.record(StepKind::CurrentUser, data)?);
        (user.id.is_some() || !user.name.is_empty()).then_some(user)
    }

    /// Whether the room was entered; else why not.
    pub fn read_joined(&self, data: &Value) -> Result<(), String> {
        let record = self.record(StepKind::Join, data);
        match record.and_then(|record| record.get("ok")) {
            Some(Value::Bool(false)) => {
                Err("the server answered joinRoom with ok: false".to_owned())
            }
            _ if record.is_none() => Err("the answer to joinRoom holds nothing".to_owned()),
            _ => Ok(()),
        }
    }

    /// A new message.
    pub fn read_message(&self, data: &Value) -> Option<Said> {
        self.said(self.record(StepKind::Messages, data)?)
    }

    /// A message with another text.
    pub fn read_edit(&self, data: &Value) -> Option<Said> {
        let said = self.said(self.record(StepKind::Edits, data)?)?;
        said.id.is_some().then_some(said)
    }

    /// The id of a message that is gone.
    pub fn read_deleted(&self, data: &Value) -> Option<String> {
        match self.record(StepKind::Deletes, data)? {
            Value::String(id) => Some(id.clone()),
            record => self.read.message.id.text(record),
        }
    }

    /// Who came in or left.
    pub fn read_member(&self, kind: StepKind, data: &Value) -> Option<User> {
        let user = self.user(self.record(kind, data)?);
        (user.id.is_some() || !user.name.is_empty()).then_some(user)
    }

    /// The answer to a message that was sent.
    pub fn read_sent(&self, data: &Value) -> Sent {
        let Some(record) = self.record(StepKind::Send, data) else {
            return Sent::default();
        };
        Sent {
            ok: record.get("ok").and_then(Value::as_bool),
            id: self.read.message.id.text(record),
        }
    }

    /// A page of the history.
    pub fn read_archive(&self, data: &Value) -> Option<Archive> {
        let step = self.step(StepKind::Archive)?;
        let record = step.record.find(data)?;
        let results = step.results.find(record)?.as_array()?;
        let mut messages: Vec<_> = results
            .iter()
            .take(PAGE_MESSAGES_MAX)
            .filter_map(|result| self.said(result))
            .collect();
        // Times are whole seconds, so within one the order of the page is all there is; it may run either way.
        let times: Vec<_> = messages.iter().filter_map(|said| said.at_unix_ms).collect();
        let newest_first = match times.first().cmp(&times.last()) {
            Ordering::Less => Some(false),
            Ordering::Equal => None,
            Ordering::Greater => Some(true),
        };
        if newest_first == Some(true) {
            messages.reverse();
        }
        if times.len() == messages.len() {
            messages.sort_by_key(|said| said.at_unix_ms);
        }
        Some(Archive {
            messages,
            newest_first,
            older: step.older.text(record),
        })
    }

    /// What an error is about.
    pub fn problem_kind(&self, problem: &Problem) -> ProblemKind {
        let words = &self.problems;
        let kinds = [
            (&words.room_not_found, ProblemKind::RoomNotFound),
            (&words.token, ProblemKind::Token),
            (&words.busy, ProblemKind::Busy),
        ];
        kinds
            .into_iter()
            .find(|(words, _)| words.iter().any(|word| problem.says(word)))
            .map_or(ProblemKind::Other, |(_, kind)| kind)
    }

    fn record<'v>(&self, kind: StepKind, data: &'v Value) -> Option<&'v Value> {
        self.step(kind).map(|step: &Step| &step.record)?.find(data)
    }

    fn said(&self, record: &Value) -> Option<Said> {
        let fields = &self.read.message;
        if !record.is_object() {
            return None;
        }
        Some(Said {
            id: fields.id.text(record),
            user: fields
                .user
                .find(record)
                .map(|user| self.user(user))
                .unwrap_or_default(),
            body: fields.body.text(record).unwrap_or_default(),
            at_unix_ms: fields.time.text(record).and_then(|time| unix_ms(&time)),
            reply_to: fields.reply_to.text(record),
        })
    }

    fn user(&self, record: &Value) -> User {
        let fields = &self.read.user;
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        User {
            id: fields.id.text(record),
            name: fields.name.text(record).unwrap_or_default(),
            avatar: fields.avatar.text(record).filter(is_web),
        }
    }
}

/// Seconds, or milliseconds, as milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is finite and below 2^53"
)]
fn unix_ms(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    if !number.is_finite() || !(0.0..9e15).contains(&number) {
        return None;
    }
    let ms = if number < SECONDS_MAX {
        number * 1_000.0
    } else {
        number
    };
    Some(ms.round() as i64)
}

fn said(errors: &Value) -> String {
    let words: Vec<_> = Problem::read_all(errors)
        .iter()
        .map(ToString::to_string)
        .collect();
    if words.is_empty() {
        return "the answer holds no token".to_owned();
    }
    words.join("; ")
}
