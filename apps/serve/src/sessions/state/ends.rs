//! How attachments end, for those who look for the reason.
//!
//! It only notes. Nothing of what a session does may depend on it.

use towpath_diagnosis::observation::AttachmentEnd;
use towpath_session::Envelope;
use towpath_websocket::CloseCode;

use super::{Observed, State};
use crate::sessions::attachment::Attachment;

/// A close in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    by_client: bool,
    /// None where the backend vanished or refused.
    code: Option<u16>,
}

impl Closed {
    /// The end that it is for an attachment.
    pub(super) fn end(self) -> AttachmentEnd {
        let Self { by_client, code } = self;
        if !by_client && code.is_none() {
            return AttachmentEnd::Backend;
        }
        AttachmentEnd::Closed { by_client, code }
    }
}

impl State {
    /// The session's close is on its way, with this code.
    pub(super) fn note_close(&mut self, code: Option<u16>) {
        self.closed.get_or_insert(Closed {
            by_client: self.engine.is_peer_closed(),
            code: code.filter(|code| *code != CloseCode::ABNORMAL.0),
        });
    }

    /// How the session was closed in order, as far as it was.
    pub(in crate::sessions) fn ended(&self) -> Option<AttachmentEnd> {
        self.closed.map(Closed::end)
    }

    /// The client closed the WebSocket of an attachment.
    pub(in crate::sessions) fn note_closed(&mut self, generation: u64) {
        let is_used = self.acceptance.in_use() == generation;
        let end = if is_used {
            AttachmentEnd::Closed {
                by_client: true,
                code: None,
            }
        } else {
            AttachmentEnd::Superseded
        };
        self.note_lost(generation, end);
    }

    /// The WebSocket of an attachment ended so.
    pub(in crate::sessions) fn note_lost(&mut self, generation: u64, end: AttachmentEnd) {
        if let Some(attachment) = self.attachment(generation) {
            attachment.ends(end);
        }
    }

    /// All attachments end so.
    pub(super) fn all_end(&mut self, end: &AttachmentEnd) {
        for attachment in &mut self.attachments {
            attachment.ends(end.clone());
        }
    }

    /// An attachment is lost that may come back: that is an end by itself.
    pub(super) fn note_loss(&mut self, generation: u64, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        if std::mem::replace(&mut attachment.lost, true) {
            return;
        }
        if let Some(end) = attachment.counts.end.take() {
            let fact = Box::new(attachment.fact(*end, now));
            self.observed.push(Observed::Ended(fact));
        } else if attachment.counts.used {
            let given_up = Observed::Open(attachment.transport, false);
            self.observed.push(given_up);
        }
    }

    /// Keeps those attachments; of the others, how they ended stays to be noted.
    pub(in crate::sessions) fn retain(&mut self, now: u64, keep: impl Fn(&Attachment) -> bool) {
        let closed = self.closed;
        let observed = &mut self.observed;
        self.attachments.retain_mut(|attachment| {
            let keeps = keep(attachment);
            // The loss of a lost one is noted already.
            if !keeps && !attachment.lost {
                let noted = attachment.counts.end.take().map(|end| *end);
                let end = noted
                    .or_else(|| closed.map(Closed::end))
                    .unwrap_or(AttachmentEnd::Superseded);
                let fact = Box::new(attachment.fact(end, now));
                observed.push(Observed::Ended(fact));
            }
            keeps
        });
    }
}

/// Bytes of what an envelope brings.
pub(super) fn size(envelope: &Envelope<'_>) -> usize {
    match envelope {
        Envelope::Item(part) => part.payload.len(),
        Envelope::Ping(bytes) | Envelope::Pong(bytes) | Envelope::Padding(bytes) => bytes.len(),
        _ => 0,
    }
}
