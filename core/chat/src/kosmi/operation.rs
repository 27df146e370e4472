//! The operations of a profile. It must never decide when one is run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use towpath_graphql::Operation;

use super::error::ProfileError;
use super::pointers::Pointers;
use super::template::{PLACEHOLDERS, Variables, mentioned};

/// What an operation does for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Asks who we are.
    CurrentUser,
    /// Enters the room. Nothing of the room may be asked before.
    Join,
    /// Subscription: we were removed from the room.
    Removed,
    /// Subscription: somebody came in.
    Joins,
    /// Subscription: somebody left.
    Leaves,
    /// Subscription: a message has another text now.
    Edits,
    /// Subscription: a message is gone.
    Deletes,
    /// Subscription: somebody said something.
    Messages,
    /// Asks for the history, page by page.
    Archive,
    /// Says something.
    Send,
    /// Something that the service may want to see; its result is ignored.
    Other,
}

impl StepKind {
    /// Whether it goes on until it is stopped.
    pub const fn is_subscription(self) -> bool {
        matches!(
            self,
            Self::Removed
                | Self::Joins
                | Self::Leaves
                | Self::Edits
                | Self::Deletes
                | Self::Messages
        )
    }
}

/// One operation of a profile.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name in the profile.
    #[serde(skip)]
    pub key: String,
    /// What it does for us.
    #[serde(rename = "does")]
    pub kind: StepKind,
    /// Whether the room goes on without it where it is refused.
    #[serde(default)]
    pub optional: bool,
    name: Option<String>,
    query: String,
    fallback: Option<String>,
    #[serde(default)]
    variables: Map<String, Value>,
    #[serde(default)]
    pub(super) record: Pointers,
    #[serde(default)]
    pub(super) results: Pointers,
    #[serde(default)]
    pub(super) older: Pointers,
}

/// All operations, by their names in the profile.
pub type Operations = BTreeMap<String, Step>;

impl Step {
    /// Whether there is another query to ask where the first is refused.
    pub fn has_fallback(&self) -> bool {
        self.fallback.is_some()
    }

    pub(super) fn operation(&self, variables: &Variables<'_>, channel: &str) -> Operation {
        self.with_query(&self.query, variables, channel)
    }

    pub(super) fn fallback(&self, variables: &Variables<'_>, channel: &str) -> Option<Operation> {
        let query = self.fallback.as_ref()?;
        Some(self.with_query(query, variables, channel))
    }

    fn with_query(&self, query: &str, variables: &Variables<'_>, channel: &str) -> Operation {
        Operation {
            name: self.name.clone(),
            query: query.to_owned(),
            variables: variables.fill(&self.variables, query, channel),
        }
    }

    /// What no server could answer.
    pub(super) fn check(&self, key: &str) -> Result<(), ProfileError> {
        let wrong = |place: &str, message: &str| {
            Err(ProfileError::new(format!(
                "operations.{key}.{place}: {message}"
            )))
        };
        let queries = || {
            std::iter::once(("query", &self.query))
                .chain(self.fallback.iter().map(|text| ("fallback", text)))
        };
        for (place, query) in queries() {
            if let Some(name) = &self.name
                && !query
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .any(|word| word == name)
            {
                return wrong(
                    place,
                    &format!("it does not define `{name}`, which `name` says"),
                );
            }
            if let Some(missing) = mentioned(query)
                .into_iter()
                .find(|name| !self.variables.contains_key(*name))
            {
                return wrong(
                    "variables",
                    &format!("the {place} has ${missing}, which is not given"),
                );
            }
        }
        for (name, value) in &self.variables {
            if !queries().any(|(_, query)| mentioned(query).contains(&name.as_str())) {
                return wrong(&format!("variables.{name}"), "no query here mentions it");
            }
            if let Some(text) = value.as_str()
                && text.starts_with('{')
                && !PLACEHOLDERS.contains(&text)
            {
                let known = PLACEHOLDERS.join(", ");
                return wrong(
                    &format!("variables.{name}"),
                    &format!("{text} is none of {known}"),
                );
            }
        }
        for (place, pointers) in [
            ("record", &self.record),
            ("results", &self.results),
            ("older", &self.older),
        ] {
            if let Some(pointer) = pointers.malformed() {
                return wrong(
                    place,
                    &format!("`{pointer}` is no pointer: one begins with a slash"),
                );
            }
        }
        if self.record.is_empty() && self.kind != StepKind::Other {
            return wrong("record", "it must say where in `data` the answer stands");
        }
        Ok(())
    }
}
