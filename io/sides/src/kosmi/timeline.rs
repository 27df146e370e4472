//! What of a room was told already, and up to where its history is known. Pure.
//!
//! It must never tell the same message twice within its memory, and never take a live message for proof that nothing is missing before it.

use towpath_chat::Message;

use super::ids::Ids;
use super::walk::Until;
use crate::order::Mark;

/// Messages that are known again. More than come between two looks into the history.
const TOLD_MAX: usize = 4_096;

/// How far behind the mark of an earlier run the history is told again: that run may have ended before it found what it had missed live.
/// Whoever is told knows what it had.
const SLACK_MS: i64 = 600_000;

/// Live messages that wait for the history. More are read from the history itself.
const HELD_MAX: usize = 1_024;

/// One room's timeline, over all its connections.
#[derive(Debug)]
pub(super) struct Timeline {
    told: Ids,
    /// Everything up to here is told or is of no interest.
    settled: Option<Mark>,
    /// Whether the history was not read yet.
    is_first: bool,
    /// Live messages while the history is being read; none while there is no need to wait.
    held: Option<Vec<Message>>,
}

impl Timeline {
    /// A timeline that goes on behind a mark; without one it begins with what is said from now on.
    pub(super) fn new(since: Option<Mark>) -> Self {
        let mut told = Ids::new(TOLD_MAX);
        if let Some(id) = since.as_ref().and_then(|mark| mark.id.as_deref()) {
            told.put(id);
        }
        Self {
            told,
            settled: since,
            is_first: true,
            held: None,
        }
    }

    /// Up to where the history has to be read.
    pub(super) fn until(&self) -> Option<Until> {
        let mark = self.settled.clone()?;
        Some(Until {
            slack_ms: if self.is_first && mark.id.is_some() {
                SLACK_MS
            } else {
                0
            },
            mark,
        })
    }

    /// Whether this was seen before. Of an earlier run only the last message is known, which would tell nothing of those around it.
    pub(super) fn knows(&self, message: &Message) -> bool {
        let id = message.id.as_deref().filter(|_| !self.is_first);
        id.is_some_and(|id| self.told.has(id))
    }

    /// A message that is not told to anybody, since it is ours.
    pub(super) fn note(&mut self, message: &Message) {
        self.is_new(message);
    }

    /// From now on live messages wait for [`Timeline::merge`].
    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Whether live messages wait.
    pub(super) fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// A live message; it comes back where it is to be told now. `Err` where more wait than may.
    pub(super) fn live(&mut self, message: Message) -> Result<Option<Message>, TooMany> {
        match &mut self.held {
            Some(held) if held.len() >= HELD_MAX => Err(TooMany),
            Some(held) => {
                held.push(message);
                Ok(None)
            }
            None => Ok(self.is_new(&message).then_some(message)),
        }
    }

    /// Takes what others said by the history, oldest first, and the history's newest message, whoever said it. Gives what is to be told,
    /// oldest first, with whether it comes from the history.
    pub(super) fn merge(
        &mut self,
        history: Vec<Message>,
        newest: Option<Mark>,
    ) -> Vec<(Message, bool)> {
        self.is_first = false;
        let held = self.held.take().unwrap_or_default();
        let held = held.into_iter().map(|message| (message, false));
        let mut tell: Vec<(Message, bool)> = Vec::new();
        if self.settled.is_none() {
            // What stands there already is left alone, but not what was said meanwhile.
            tell.extend(held);
            tell.retain(|(message, _)| self.is_new(message));
            for message in &history {
                self.is_new(message);
            }
            self.settled = Some(newest.unwrap_or(EMPTY));
            return tell;
        }
        tell.extend(history.into_iter().map(|message| (message, true)));
        tell.extend(held);
        // Stable: what has the same time stays in the order of its arrival.
        tell.sort_by_key(|(message, _)| message.at_unix_ms);
        tell.retain(|(message, _)| self.is_new(message));
        if newest.is_some() {
            self.settled = newest;
        }
        tell
    }

    /// Whether there was something before this connection that could be missed.
    pub(super) fn has_begun(&self) -> bool {
        self.settled.is_some()
    }

    /// Goes on without the history; what was held is told. Whatever is said from now on can be missed.
    pub(super) fn release(&mut self, now_unix_ms: i64) -> Vec<Message> {
        self.settled.get_or_insert(Mark {
            id: None,
            at_unix_ms: now_unix_ms,
        });
        let mut held = self.held.take().unwrap_or_default();
        held.retain(|message| self.is_new(message));
        held
    }

    /// Without an id nothing can be known again.
    fn is_new(&mut self, message: &Message) -> bool {
        message.id.as_deref().is_none_or(|id| self.told.put(id))
    }
}

/// More live messages wait than may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// The mark of an empty room: whatever its history holds later is new.
const EMPTY: Mark = Mark {
    id: None,
    at_unix_ms: 0,
};

/// Where a message stands.
pub(super) fn mark(message: &Message) -> Mark {
    Mark {
        id: message.id.clone(),
        at_unix_ms: message.at_unix_ms,
    }
}

#[cfg(test)]
mod tests;
