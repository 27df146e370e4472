//! Our own messages as the room shows them: the only proof that something was said. Pure.
//!
//! It must never take one message for the proof of two, nor an older one that reads the same.

use std::collections::VecDeque;

use towpath_chat::Message;

use super::ids::Ids;

/// Own messages that wait for somebody to claim them.
const UNCLAIMED_MAX: usize = 256;

/// Own messages that were claimed.
const CLAIMED_MAX: usize = 1_024;

/// How far the clock of the server and ours may differ.
pub(super) const SKEW_MS: i64 = 120_000;

/// The own messages of a room.
#[derive(Debug)]
pub(super) struct Proofs {
    /// Heard live and not claimed, with a number that grows.
    heard: VecDeque<(u64, Shown)>,
    claimed: Ids,
    last: u64,
}

/// An own message as the room shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its id, where it has one.
    pub(super) id: Option<String>,
    /// Whether its text is not quite what was sent.
    pub(super) changed: bool,
    text: String,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The text that was sent.
    pub(super) text: &'a str,
    /// The message that it comes after, where that is known.
    pub(super) behind: Option<&'a str>,
    /// When it was first sent, in milliseconds since 1970.
    pub(super) begun_unix_ms: i64,
}

impl Proofs {
    pub(super) fn new() -> Self {
        Self {
            heard: VecDeque::new(),
            claimed: Ids::new(CLAIMED_MAX),
            last: 0,
        }
    }

    /// Where live messages stand now, for [`Proofs::claim`].
    pub(super) fn now(&self) -> u64 {
        self.last
    }

    /// An own message came live.
    pub(super) fn hear(&mut self, message: &Message) {
        let repeated = message.id.as_deref().is_some_and(|id| {
            let same = |(_, shown): &(u64, Shown)| shown.id.as_deref() == Some(id);
            self.claimed.has(id) || self.heard.iter().any(same)
        });
        if repeated {
            return;
        }
        self.last += 1;
        self.heard.push_back((self.last, shown(message)));
        if self.heard.len() > UNCLAIMED_MAX {
            self.heard.pop_front();
        }
    }

    /// Claims a live message with this text that came after `after`.
    pub(super) fn claim(&mut self, text: &str, after: u64) -> Option<Shown> {
        let text = plain(text);
        let same = |(at, shown): &(u64, Shown)| *at > after && shown.text == text;
        let place = self.heard.iter().position(same)?;
        let (_, shown) = self.heard.remove(place)?;
        self.note(&shown);
        Some(shown)
    }

    /// Claims the only live message that came after `after`, whatever its text: servers may change what they are told.
    pub(super) fn claim_changed(&mut self, after: u64) -> Option<Shown> {
        let mut later = self
            .heard
            .iter()
            .enumerate()
            .filter(|(_, (at, _))| *at > after);
        let (place, _) = later.next()?;
        if later.next().is_some() {
            return None;
        }
        let (_, mut shown) = self.heard.remove(place)?;
        shown.changed = true;
        self.note(&shown);
        Some(shown)
    }

    /// Claims the oldest own message of a history, oldest first, that is what is wanted.
    pub(super) fn find(&mut self, history: &[Message], wanted: Wanted<'_>) -> Option<Shown> {
        let text = plain(wanted.text);
        let place = wanted.behind.and_then(|behind| {
            let same = |message: &Message| message.id.as_deref() == Some(behind);
            history.iter().position(same)
        });
        let earliest = wanted.begun_unix_ms.saturating_sub(SKEW_MS);
        let candidates = match place {
            Some(place) => &history[place + 1..],
            None => history,
        };
        let fits = |message: &&Message| {
            let free = message.id.as_deref().is_none_or(|id| !self.claimed.has(id));
            free && (place.is_some() || message.at_unix_ms >= earliest)
                && plain(&message.text) == text
        };
        let shown = candidates.iter().find(fits).map(shown)?;
        self.heard
            .retain(|(_, heard)| heard.id.is_none() || heard.id != shown.id);
        self.note(&shown);
        Some(shown)
    }

    fn note(&mut self, shown: &Shown) {
        if let Some(id) = &shown.id {
            self.claimed.put(id);
        }
    }
}

fn shown(message: &Message) -> Shown {
    Shown {
        id: message.id.clone(),
        changed: false,
        text: plain(&message.text),
    }
}

/// Whether two texts are the same as servers write them.
pub(super) fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A text as it is compared: servers trim, and some fold white space.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kosmi::testing::said;

    fn own(id: &str, at_unix_ms: i64, text: &str) -> Message {
        let mut message = said(id, at_unix_ms);
        text.clone_into(&mut message.text);
        message
    }

    fn id(shown: Option<Shown>) -> Option<String> {
        shown.and_then(|shown| shown.id)
    }

    #[test]
    fn an_echo_is_claimed_once() {
        let mut proofs = Proofs::new();
        let before = proofs.now();
        proofs.hear(&own("1", 0, "hi  there "));
        proofs.hear(&own("1", 0, "hi there"));
        assert_eq!(proofs.claim("hi there", before + 1), None);
        assert_eq!(id(proofs.claim("hi there", before)).as_deref(), Some("1"));
        assert_eq!(proofs.claim("hi there", before), None);
        proofs.hear(&own("1", 0, "hi there"));
        assert_eq!(proofs.claim("hi there", before), None);
    }

    #[test]
    fn a_changed_text_is_claimed_where_there_is_no_other() {
        let mut proofs = Proofs::new();
        proofs.hear(&own("1", 0, "earlier"));
        let before = proofs.now();
        assert_eq!(proofs.claim_changed(before), None);
        proofs.hear(&own("2", 0, "d**n"));
        let shown = proofs.claim_changed(before).unwrap();
        assert!(shown.changed);
        proofs.hear(&own("3", 0, "x"));
        proofs.hear(&own("4", 0, "y"));
        assert_eq!(proofs.claim_changed(before), None);
    }

    #[test]
    fn a_history_is_searched_behind_the_piece_before() {
        let history = [
            own("1", 1_000, "hi"),
            own("2", 2_000, "hi"),
            own("3", 3_000, "ho"),
        ];
        let wanted = |behind| Wanted {
            text: "hi",
            behind,
            begun_unix_ms: 1_000,
        };
        assert_eq!(
            id(Proofs::new().find(&history, wanted(Some("1")))).as_deref(),
            Some("2")
        );
        assert_eq!(
            id(Proofs::new().find(&history, wanted(None))).as_deref(),
            Some("1")
        );
        assert_eq!(Proofs::new().find(&history, wanted(Some("2"))), None);
        let mut proofs = Proofs::new();
        assert!(proofs.find(&history, wanted(None)).is_some());
        assert_eq!(
            id(proofs.find(&history, wanted(None))).as_deref(),
            Some("2")
        );
        assert_eq!(proofs.find(&history, wanted(None)), None);
    }

    #[test]
    fn without_a_place_only_the_time_tells() {
        let history = [own("1", 1_000, "hi")];
        let wanted = Wanted {
            text: "hi",
            behind: None,
            begun_unix_ms: 1_001 + SKEW_MS,
        };
        assert_eq!(Proofs::new().find(&history, wanted), None);
    }
}
