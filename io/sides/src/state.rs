//! How a side goes, in words for whoever runs the relay.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use towpath_diagnosis::Confidence;

/// How a side and its rooms go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct States {
    /// The connection; for a side with one connection a room, the worst of them.
    pub connection: State,
    /// By which way and why, in one line, where there is a choice of ways.
    pub way: Option<String>,
    /// As whom the side speaks, by name.
    pub speaks_as: Option<String>,
    /// Each room, by the side's own name for it.
    pub rooms: BTreeMap<String, State>,
    /// The last thing that went wrong, kept after it was overcome.
    pub last_trouble: Option<Trouble>,
    /// Connections made so far.
    pub connections: u64,
}

/// How one connection or room goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Under way.
    #[default]
    Connecting,
    /// Orders are taken.
    Ready,
    /// Lost or refused; it will be tried again.
    Waiting {
        /// Why.
        why: Why,
        /// When it is tried again, in milliseconds since 1970.
        until_unix_ms: i64,
    },
    /// It will not be tried again before somebody changes something.
    Stopped {
        /// Why.
        why: Why,
    },
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// When, in milliseconds since 1970.
    pub at_unix_ms: i64,
    /// Why.
    pub why: Why,
}

/// A reason in words, without a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Why {
    /// One or two sentences.
    pub sentence: String,
    /// What to do about it, where that is known.
    pub remedy: Option<String>,
    /// The finding that it follows from, where there is one.
    pub finding: Option<Finding>,
}

/// A finding behind a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// How sure.
    pub confidence: Confidence,
}

impl State {
    /// Whether orders are taken.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

impl From<String> for Why {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            ..Self::default()
        }
    }
}

impl From<&str> for Why {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        match &self.finding {
            Some(finding) => write!(f, " ({}, {})", finding.cause, finding.confidence),
            None => Ok(()),
        }
    }
}
