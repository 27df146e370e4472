//! What an endpoint tells of itself: one event a thing that happened, as a line of text or of JSON.
//!
//! It must never hold a query, a header's value, a message or a token, and never make a connection wait for its reader.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use towpath_diagnosis::catalogue::Remedy;
use towpath_reach::Why;
use towpath_websocket::CloseCode;

mod teller;

pub(crate) use teller::Teller;

/// Something happened. As JSON it has a `type` in kebab case; connections are numbered from 1.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// Clients can connect.
    Listening {
        /// Where: `ws://address:port/`.
        url: String,
    },
    /// A request was not let in, or is no handshake.
    Denied {
        /// The status that it was answered with.
        status: u16,
        /// Why.
        why: String,
    },
    /// A connection stands.
    Opened {
        /// Its number.
        connection: u64,
        /// The path at the remote, without the query.
        path: String,
        /// `direct`, `proxy`, `gateway` or `browser`.
        way: &'static str,
        /// Which way and why, in one line.
        why: String,
    },
    /// The remote, or a hop before it, refused the handshake.
    Refused {
        /// Its number.
        connection: u64,
        /// The path at the remote, without the query.
        path: String,
        /// The status, which the client got too.
        status: u16,
        /// Why.
        #[serde(flatten)]
        reason: Reason,
    },
    /// There was no answer to the handshake.
    Failed {
        /// Its number.
        connection: u64,
        /// The path at the remote, without the query.
        path: String,
        /// What failed.
        what: String,
        /// Why.
        #[serde(flatten)]
        reason: Reason,
    },
    /// The transport of a session is lost and is being replaced. The client notices nothing.
    Reconnecting {
        /// Its number.
        connection: u64,
    },
    /// The session goes on.
    Recovered {
        /// Its number.
        connection: u64,
    },
    /// A connection is over.
    Closed {
        /// Its number.
        connection: u64,
        /// How.
        #[serde(flatten)]
        end: End,
        /// How long it stood, in milliseconds.
        milliseconds: u64,
    },
    /// The reader of the events was too slow, or too many requests were denied to tell each.
    Missed {
        /// Events that it did not get.
        events: u64,
    },
}

/// Why a remote was not reached.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Reason {
    /// One or two sentences.
    pub why: String,
    /// The cause's id in the catalogue, where one is known.
    pub cause: Option<String>,
    /// `certain`, `likely` or `possible`.
    pub confidence: Option<String>,
    /// Who can change what, where the cause is known.
    pub remedy: Option<Remedy>,
}

impl From<&Why> for Reason {
    fn from(why: &Why) -> Self {
        let finding = why.finding.as_ref();
        Self {
            why: why.sentence.clone(),
            cause: finding.map(|named| named.cause.clone()),
            confidence: finding.map(|named| named.confidence.to_string()),
            remedy: finding.map(|named| named.remedy.clone()),
        }
    }
}

/// Who began an end.
#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The local client.
    Local,
    /// The remote.
    Remote,
    /// This endpoint, or what carried for it.
    Dial,
}

/// How a connection ended.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct End {
    /// Who began it.
    pub by: By,
    /// The close code that went by; 1005 for a close without one, 1006 where no close came.
    pub code: u16,
    /// What there is to say about it.
    pub reason: String,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { url } => write!(f, "listening on {url}"),
            Self::Denied { status, why } => write!(f, "not let in ({status}): {why}"),
            Self::Opened { why, .. } => f.write_str(why),
            Self::Refused { status, reason, .. } => write!(f, "refused with {status}: {reason}"),
            Self::Failed { what, reason, .. } => write!(f, "failed, {what}: {reason}"),
            Self::Reconnecting { connection } => write!(f, "connection {connection}: reconnecting"),
            Self::Recovered { connection } => write!(f, "connection {connection}: goes on"),
            Self::Closed {
                connection, end, ..
            } => write!(f, "connection {connection}: {end}"),
            Self::Missed { events } => write!(f, "{events} lines are missing here"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        if let (Some(cause), Some(confidence)) = (&self.cause, &self.confidence) {
            write!(f, " ({cause}, {confidence})")?;
        }
        match &self.remedy {
            Some(remedy) => write!(
                f,
                "\n  for you: {}\n  for the operator of the server: {}",
                remedy.user, remedy.operator
            ),
            None => Ok(()),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by {
            By::Local => "the client",
            By::Remote => "the remote",
            By::Dial => "towpath",
        };
        write!(f, "ended by {by} with {}", self.code)?;
        if self.reason.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.reason)
    }
}

/// Which events are lines for a person: those that say something new.
#[derive(Debug, Default)]
pub struct Lines {
    last: Option<String>,
    denied: HashSet<String>,
}

impl Lines {
    /// The line for an event. Nothing for ends that nobody asks about, those at the endpoint's own end included, and nothing twice in a row, so that a program
    /// that tries again every second fills no screen; each denial once, so that a page that tries many things fills none.
    pub fn line(&mut self, event: &Event) -> Option<String> {
        let line = event.to_string();
        let is_news = match event {
            Event::Closed { end, .. } => end.by == By::Dial && end.code != CloseCode::GOING_AWAY.0,
            Event::Denied { .. } => {
                self.denied.len() < DENIALS_MAX && self.denied.insert(line.clone())
            }
            _ => self.last.as_ref() != Some(&line),
        };
        if is_news {
            self.last = Some(line.clone());
        }
        is_news.then_some(line)
    }
}

/// Denials that are told, which all come from outside.
const DENIALS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(connection: u64, why: &str) -> Event {
        Event::Opened {
            connection,
            path: "/".to_owned(),
            way: "direct",
            why: why.to_owned(),
        }
    }

    #[test]
    fn the_same_choice_is_one_line() {
        let mut lines = Lines::default();
        assert!(lines.line(&opened(1, "by direct: it answers")).is_some());
        assert!(lines.line(&opened(2, "by direct: it answers")).is_none());
        assert!(lines.line(&opened(3, "by browser: it must")).is_some());
        assert!(lines.line(&opened(4, "by direct: it answers")).is_some());
    }

    #[test]
    fn denials_do_not_fill_the_screen() {
        let mut lines = Lines::default();
        let denied = |why: usize| Event::Denied {
            status: 403,
            why: (why % 1000).to_string(),
        };
        let told = (0..10_000).filter_map(|why| lines.line(&denied(why)));
        assert_eq!(told.count(), DENIALS_MAX);
    }

    #[test]
    fn an_end_is_news_where_it_is_ours() {
        let closed = |by| Event::Closed {
            connection: 1,
            end: End {
                by,
                code: 1012,
                reason: "the browser ended".to_owned(),
            },
            milliseconds: 5,
        };
        let mut lines = Lines::default();
        assert_eq!(lines.line(&closed(By::Remote)), None);
        let line = lines.line(&closed(By::Dial)).unwrap();
        assert_eq!(
            line,
            "connection 1: ended by towpath with 1012: the browser ended"
        );
        let json = serde_json::to_value(closed(By::Local)).unwrap();
        assert_eq!(
            (&json["type"], &json["by"], &json["code"]),
            (&"closed".into(), &"local".into(), &1012.into())
        );
    }
}
