//! What came and went on one socket, as events with times; secrets removed, long things cut.

use std::collections::VecDeque;
use std::time::Instant;

use towpath_diagnosis::observation::{Event, MessageKind, Payload};
use towpath_diagnosis::redact::Redactor;
use towpath_net::failure::printable;
use towpath_net::limits::milliseconds;
use towpath_websocket::{CloseCode, Message};

use super::payload::Needle;

/// Writes down what happens on one socket.
pub(crate) struct Log {
    redactor: Redactor,
    /// When the exercise began.
    began: Instant,
    events: Vec<Event>,
    /// A text that a message must hold, and whether one did.
    expected: Option<(String, bool)>,
    /// Answers that were waited for in vain; they may still come.
    given_up: Vec<Needle>,
    /// The last bytes that came.
    recent: VecDeque<u8>,
    /// Place in the stream of the first of the recent bytes.
    recent_offset: u64,
}

impl Log {
    /// An empty log.
    pub(crate) fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            began: Instant::now(),
            events: Vec::new(),
            expected: None,
            given_up: Vec::new(),
            recent: VecDeque::new(),
            recent_offset: 0,
        }
    }

    /// Looks out for a text in every message from here on.
    pub(crate) fn expect(&mut self, text: Option<String>) {
        self.expected = text.map(|text| (text, false));
    }

    /// Whether a message has held the text that was looked out for.
    pub(crate) fn expected_came(&self) -> bool {
        self.expected.as_ref().is_some_and(|(_, came)| *came)
    }

    /// Begins the next exercise.
    pub(crate) fn begin(&mut self) -> Instant {
        self.began = Instant::now();
        self.began
    }

    /// The events of the exercise that ends here.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Remembers an answer that did not come in time.
    pub(crate) fn give_up(&mut self, needles: impl IntoIterator<Item = Needle>) {
        self.given_up.extend(needles);
    }

    /// Notes a frame or message that goes out.
    pub(crate) fn sent(&mut self, kind: MessageKind, bytes: usize) {
        self.push(Payload::Sent {
            kind,
            bytes: bytes as u64,
        });
    }

    /// Notes the answer to a ping of the peer.
    pub(crate) fn sent_pong(&mut self, payload: &[u8]) {
        self.sent(MessageKind::Pong, payload.len());
    }

    pub(super) fn received_message(&mut self, message: &Message) {
        if let Some((text, came)) = &mut self.expected {
            *came |= String::from_utf8_lossy(&message.payload).contains(text.as_str());
        }
        let late = self.is_late(|needle| needle.within(message));
        let (kind, excerpt) = match message.kind {
            towpath_websocket::MessageKind::Text => {
                (MessageKind::Text, self.excerpt(&message.payload))
            }
            towpath_websocket::MessageKind::Binary => (MessageKind::Binary, String::new()),
        };
        self.received(kind, message.payload.len(), excerpt, late);
    }

    pub(super) fn received_pong(&mut self, payload: &[u8]) {
        let late = self.is_late(|needle| needle.is_pong(payload));
        self.received(MessageKind::Pong, payload.len(), String::new(), late);
    }

    pub(super) fn received_ping(&mut self, payload: &[u8]) {
        self.received(MessageKind::Ping, payload.len(), String::new(), false);
    }

    /// Notes a close frame; the reason comes back without secrets.
    pub(super) fn received_close(&mut self, code: Option<CloseCode>, reason: &str) -> String {
        let reason = self.redactor.text(reason);
        let bytes = code.map_or(0, |_| 2 + reason.len());
        self.received(MessageKind::Close, bytes, reason.clone(), false);
        reason
    }

    /// Notes a breach. Its bytes are those at the offset, unless given.
    pub(super) fn deviation(&mut self, name: &str, offset: u64, text: Option<&str>) {
        let bytes = match text {
            Some(text) => self.redactor.text(text),
            None => self
                .redactor
                .text(&printable(&self.recent_from(offset, SHOWN_BYTES))),
        };
        let bytes = bytes.chars().take(SHOWN_BYTES).collect();
        self.push(Payload::Deviation {
            name: name.to_owned(),
            offset,
            bytes,
        });
    }

    /// Keeps the last bytes of the stream.
    pub(super) fn saw(&mut self, bytes: &[u8]) {
        self.recent.extend(bytes);
        let surplus = self.recent.len().saturating_sub(RECENT_BYTES_MAX);
        self.recent.drain(..surplus);
        self.recent_offset += surplus as u64;
    }

    /// Bytes of the stream from a place on, as far as they are kept.
    pub(super) fn recent_from(&self, offset: u64, most: usize) -> Vec<u8> {
        match offset.checked_sub(self.recent_offset) {
            Some(skip) => {
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                self.recent.iter().skip(skip).take(most).copied().collect()
            }
            None => Vec::new(),
        }
    }

    fn is_late(&mut self, is_it: impl Fn(&Needle) -> bool) -> bool {
        let found = self.given_up.iter().position(is_it);
        found.map(|at| self.given_up.swap_remove(at)).is_some()
    }

    fn received(&mut self, kind: MessageKind, bytes: usize, excerpt: String, late: bool) {
        self.push(Payload::Received {
            kind,
            bytes: bytes as u64,
            excerpt,
            late,
        });
    }

    fn push(&mut self, payload: Payload) {
        if self.events.len() < EVENTS_MAX {
            let at_ms = milliseconds(self.began.elapsed());
            self.events.push(Event { at_ms, payload });
        }
    }

    /// The beginning of a text. Secrets go first, so that none is cut in half and stays.
    fn excerpt(&self, payload: &[u8]) -> String {
        let most = &payload[..payload.len().min(EXCERPT_BYTES_READ)];
        let text = self.redactor.text(&String::from_utf8_lossy(most));
        text.chars().take(EXCERPT_CHARACTERS_MAX).collect()
    }
}

/// The most events noted of one exercise; a burst has 40.
const EVENTS_MAX: usize = 128;
/// The longest excerpt of a text, in characters.
const EXCERPT_CHARACTERS_MAX: usize = 256;
/// How much of a text is searched for secrets before it is cut, in bytes.
const EXCERPT_BYTES_READ: usize = 4096;
/// How much of the stream is kept to show what stood at a breach, in bytes.
const RECENT_BYTES_MAX: usize = 32 << 10;
/// How much is shown of it.
const SHOWN_BYTES: usize = 64;
