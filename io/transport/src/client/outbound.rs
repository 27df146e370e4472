//! Sends that are not acknowledged: what the application is told when continuity is lost.
//!
//! Payloads are shared with the session's own outbox, so that this costs no second copy.

use std::collections::VecDeque;

use towpath_session::{Kind, Session, pieces};

use super::message::{Message, MessageKind};

/// Sends in order, each with the sequence number of its last item.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    sent: VecDeque<(u64, Message)>,
    bytes: u64,
}

impl Outbound {
    /// Gives a message to the session, cut into pieces.
    pub(crate) fn push(&mut self, session: &mut Session, message: Message, piece_bytes_max: usize) {
        let kind = match message.kind() {
            MessageKind::Text => Kind::Text,
            MessageKind::Binary => Kind::Binary,
        };
        let payload = message.payload().clone();
        self.bytes += payload.len() as u64;
        let mut sequence = 0;
        for (kind, piece) in pieces(kind, payload, piece_bytes_max) {
            sequence = session.push(kind, piece);
        }
        self.sent.push_back((sequence, message));
    }

    /// Forgets what has arrived up to this item.
    pub(crate) fn acknowledged(&mut self, sequence: u64) {
        while self.sent.front().is_some_and(|(last, _)| *last <= sequence) {
            if let Some((_, message)) = self.sent.pop_front() {
                self.bytes -= message.payload().len() as u64;
            }
        }
    }

    /// Payload bytes not acknowledged.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is left, in order.
    pub(crate) fn take(&mut self) -> Vec<Message> {
        self.bytes = 0;
        self.sent.drain(..).map(|(_, message)| message).collect()
    }
}
