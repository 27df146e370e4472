//! A profile: the one that is built in, with what somebody writes over it. It must never be used before it was checked as a whole.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Table;
use toml::de::{DeTable, DeValue};
use towpath_graphql::{Generation, Operation};

use super::error::ProfileError;
use super::fields::{Fields, Words};
use super::operation::{Operations, Step, StepKind};
use super::service::{Login, LoginRequest, Service};
use super::template::Variables;

/// The profile that is built in, with the comments that say how sure each part is.
pub const PROFILE_TOML: &str = include_str!("profile.toml");

/// Bytes of a profile; a longer one is not read.
const PROFILE_BYTES_MAX: usize = 256 << 10;

/// How a Kosmi service is spoken to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    pub(super) service: Service,
    connection_init: Map<String, Value>,
    pub(super) login: Login,
    pub(super) problems: Words,
    pub(super) read: Fields,
    order: Order,
    operations: Operations,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    entering: Vec<String>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::read("").expect("a test reads the built-in profile")
    }
}

impl Profile {
    /// Reads what somebody writes over the built-in profile; an empty text changes nothing.
    pub fn read(text: &str) -> Result<Self, ProfileError> {
        if text.len() > PROFILE_BYTES_MAX {
            return Err(ProfileError::new(format!(
                "it is longer than {PROFILE_BYTES_MAX} bytes"
            )));
        }
        let syntax = |error: toml::de::Error| {
            ProfileError::new(format!("this is no TOML: {}", error.message()))
                .at(text, error.span().map(|span| span.start))
        };
        let places = DeTable::parse(text).map_err(syntax)?;
        let over: Table = text.parse().map_err(syntax)?;
        let mut all: Table = PROFILE_TOML
            .parse()
            .expect("a test reads the built-in profile");
        write_over(&mut all, over);
        let mut profile: Self = serde_path_to_error::deserialize(all).map_err(|error| {
            let key = error.path().to_string();
            let message = format!("{key}: {}", error.inner().message());
            ProfileError::new(message).at(text, place_of(places.get_ref(), &key))
        })?;
        for (key, step) in &mut profile.operations {
            step.key.clone_from(key);
        }
        profile.check().map_err(|error| {
            let key = error.message.split(": ").next().unwrap_or_default();
            let place = place_of(places.get_ref(), key);
            error.at(text, place)
        })?;
        Ok(profile)
    }

    /// The WebSocket's URL.
    pub fn url(&self) -> &str {
        &self.service.socket
    }

    /// Where to log in, an HTTP URL.
    pub fn login_url(&self) -> &str {
        &self.service.login
    }

    /// The name of the anonymous login, for the cache of tokens.
    pub fn login_name(&self) -> &str {
        &self.login.name
    }

    /// The application's page of a room.
    pub fn page(&self, room: &str) -> String {
        self.service.page.replace("{room}", room)
    }

    /// The application's origin.
    pub fn origin(&self) -> &str {
        &self.service.origin
    }

    /// Header fields of the handshake, beside those of the protocol and `Origin`.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.service.headers()
    }

    /// The generations to offer as subprotocols, in order.
    pub fn generations(&self) -> &[Generation] {
        &self.service.subprotocols
    }

    /// The payload of `connection_init`. It holds the token.
    pub fn init_payload(&self, token: Option<&str>) -> Value {
        self.service.init_payload(&self.connection_init, token)
    }

    /// The request that gives an anonymous token.
    pub fn login_request(&self) -> LoginRequest {
        self.service.login_request(&self.login)
    }

    /// The key under which the application's page keeps an account's token in its local storage.
    pub fn token_key(&self) -> &str {
        &self.service.token_key
    }

    /// Characters that a message may have.
    pub fn body_chars_max(&self) -> usize {
        self.service.body_chars_max
    }

    /// Hosts whose addresses are shown as pictures.
    pub fn picture_hosts(&self) -> &[String] {
        &self.service.picture_hosts
    }

    /// What to run after the acknowledgement, in this order, each when the answer to the one before is there.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.order
            .entering
            .iter()
            .filter_map(|key| self.operations.get(key))
    }

    /// The operation that does this, of those that are run on entering before others.
    pub fn step(&self, kind: StepKind) -> Option<&Step> {
        let mut entering = self.steps();
        entering
            .find(|step| step.kind == kind)
            .or_else(|| self.operations.values().find(|step| step.kind == kind))
    }

    /// The operation that says something.
    pub fn send(&self) -> &Step {
        self.step(StepKind::Send)
            .expect("a checked profile has one")
    }

    /// A step as it is asked.
    pub fn operation(&self, step: &Step, variables: &Variables<'_>) -> Operation {
        step.operation(variables, &self.service.channel)
    }

    /// The step's other query, for a server that refuses the first.
    pub fn fallback(&self, step: &Step, variables: &Variables<'_>) -> Option<Operation> {
        step.fallback(variables, &self.service.channel)
    }

    fn check(&self) -> Result<(), ProfileError> {
        let wrong = |message: String| Err(ProfileError::new(message));
        for (key, step) in &self.operations {
            step.check(key)?;
        }
        for (key, pointers) in self.read.all() {
            if let Some(pointer) = pointers.malformed() {
                return wrong(format!(
                    "read.{key}: `{pointer}` is no pointer: one begins with a slash"
                ));
            }
        }
        if let Some(key) = self
            .order
            .entering
            .iter()
            .find(|key| !self.operations.contains_key(*key))
        {
            return wrong(format!("order.entering: there is no operation `{key}`"));
        }
        for kind in [StepKind::Join, StepKind::Messages] {
            if !self.steps().any(|step| step.kind == kind) {
                return wrong(format!("order.entering: no operation in it does {kind:?}"));
            }
        }
        let place = |kind| self.steps().position(|step| step.kind == kind);
        if place(StepKind::Messages) < place(StepKind::Join) {
            return wrong(
                "order.entering: messages may only be subscribed to after the room was joined"
                    .to_owned(),
            );
        }
        if self.step(StepKind::Send).is_none() {
            return wrong("operations: none of them does `send`".to_owned());
        }
        if self.service.subprotocols.is_empty() {
            return wrong("service.subprotocols: at least one is needed".to_owned());
        }
        if self.service.body_chars_max < 80 {
            return wrong("service.body_chars_max: at least 80 are needed".to_owned());
        }
        Ok(())
    }
}

/// Puts one table over another. Operations and the payload are replaced as a whole, so that nothing of an old one stays in a new one.
fn write_over(below: &mut Table, over: Table) {
    for (name, value) in over {
        let whole = name == "connection-init";
        match (below.get_mut(&name), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(over)) if !whole => {
                if name == "operations" {
                    below.extend(over);
                } else {
                    write_over(below, over);
                }
            }
            (_, value) => {
                below.insert(name, value);
            }
        }
    }
}

/// Where a key is written: the deepest part of it that is.
fn place_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let mut table = table;
    let mut place = None;
    for part in key.split('.') {
        let bare = part.split('[').next().unwrap_or(part);
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == bare) else {
            break;
        };
        place = Some(name.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    place
}
