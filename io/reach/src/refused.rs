//! Why nothing was opened: the remote's own answer, or what failed before there was one.
//!
//! It must never put words of this program into the remote's mouth: what was answered and why it is so stand apart.

use std::fmt;

use bytes::Bytes;
use thiserror::Error;
use towpath_diagnosis::Confidence;
use towpath_diagnosis::catalogue::Remedy;

/// Nothing was opened.
#[derive(Debug, Clone, Error)]
pub enum Refused {
    /// The remote, or a hop before it, answered the handshake with something else than 101.
    #[error("the handshake was answered with {status}: {why}")]
    Answer {
        /// The status.
        status: u16,
        /// The header lines in order.
        headers: Vec<(String, String)>,
        /// The body, as far as it was read (`towpath_net::Limits::body_bytes_max`).
        body: Bytes,
        /// Why, as far as it is known.
        why: Why,
    },
    /// There was no answer.
    #[error("{what}: {why}")]
    Failed {
        /// Which step failed, in a few words.
        what: String,
        /// Why, as far as it is known.
        why: Why,
        /// Whether a wait was over, so that trying again later may help.
        timed_out: bool,
    },
}

impl Refused {
    /// A failure without an answer.
    pub(crate) fn failed(what: impl Into<String>, why: impl Into<Why>) -> Self {
        Self::Failed {
            what: what.into(),
            why: why.into(),
            timed_out: false,
        }
    }

    /// What is known of the reason.
    pub fn why(&self) -> &Why {
        match self {
            Self::Answer { why, .. } | Self::Failed { why, .. } => why,
        }
    }

    /// Whether the remote decided it, by an answer or by a page that wants proof of a human.
    pub(crate) fn is_the_remotes(&self) -> bool {
        matches!(self, Self::Answer { .. }) || self.why().finding.is_some()
    }

    /// What came of it in a few words, for a line about another way.
    pub(crate) fn brief(&self) -> String {
        match self {
            Self::Answer { status, .. } => format!("they are answered with {status}"),
            Self::Failed { what, .. } => what.clone(),
        }
    }

    /// The same with another reason.
    #[must_use]
    pub(crate) fn because(mut self, reason: Why) -> Self {
        match &mut self {
            Self::Answer { why, .. } | Self::Failed { why, .. } => *why = reason,
        }
        self
    }
}

/// A reason in words. Its text form is one line, safe to show: it holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Why {
    /// What is the matter, one or two sentences.
    pub sentence: String,
    /// The finding that it follows from, where there is one.
    pub finding: Option<Box<Named>>,
}

/// A finding behind a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// How sure.
    pub confidence: Confidence,
    /// Who must change what.
    pub remedy: Remedy,
}

impl From<String> for Why {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            finding: None,
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
            Some(named) => write!(f, " ({}, {})", named.cause, named.confidence),
            None => Ok(()),
        }
    }
}
