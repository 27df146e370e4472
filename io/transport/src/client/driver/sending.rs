//! What goes up: envelopes composed and given to the transport in use.
//!
//! Items are pulled when a transport has room, so that nothing is written twice into a queue and an
//! attachment that dies takes nothing with it.

use bytes::Bytes;
use towpath_session::body::Attach;
use towpath_session::limits::PIECE_BYTES;
use towpath_session::{Close, Envelope, Kind, Session, Side};

use super::Driver;
use crate::client::attachment::Attachment;
use crate::client::report::Order;
use crate::client::{Send, Settings};

/// Bytes that `with` takes in a `send` body, in front of what the session transmits.
const WITH_BYTES_MAX: usize = 32;

/// A body and a message have to hold one item of the largest size.
pub(super) const BODY_BYTES_MIN: usize = PIECE_BYTES + 256;
/// Orders that wait on one attachment. A peer that pings faster than pongs can leave gets fewer of them.
const UPS_IN_FLIGHT_MAX: usize = 32;
/// By how much bodies grow again with each that got through.
const BODY_BYTES_STEP: usize = 1_024;

/// The client's side of a new session.
pub(super) fn session(settings: &Settings) -> Session {
    Session::new(towpath_session::Settings {
        window_bytes: settings.window_bytes,
        outbox_bytes_max: settings.outbox_bytes_max,
        ..towpath_session::Settings::new(Side::Client)
    })
}

impl Driver {
    /// Whether the application may send more.
    pub(super) fn takes_sends(&self) -> bool {
        !self.closing && self.session.has_room()
    }

    pub(super) fn accept(&mut self, send: Send) {
        match send {
            Send::Message(message) => {
                let piece = self.terms.piece_bytes_max;
                self.outbound.push(&mut self.session, message, piece);
            }
            Send::Close(code, reason) => self.push_close(code, &reason),
        }
    }

    /// Closes behind what was sent before; nothing is accepted after it.
    pub(super) fn push_close(&mut self, code: Option<u16>, reason: &str) {
        if std::mem::replace(&mut self.closing, true) {
            return;
        }
        let close = code.map_or_else(Close::default, |code| Close::new(code, reason));
        self.session.push(Kind::Close, close.payload());
    }

    /// Gives the transport in use what there is, as long as it has room.
    pub(super) fn transmit(&mut self, now: u64) {
        let Some(generation) = self.in_use else {
            return;
        };
        let body_bytes = self.body_bytes;
        let all = &mut self.attachments;
        let Some(attachment) = all.iter_mut().find(|one| one.generation == generation) else {
            return;
        };
        let most = if attachment.is_http() {
            body_bytes
        } else {
            // A message that is cut is lost as a whole, so that none is longer than it has to be.
            BODY_BYTES_MIN
        };
        while attachment.has_room() && self.session.wants_to_transmit(now) {
            let mut body = begun(attachment);
            let budget = most - WITH_BYTES_MAX;
            if self.session.transmit(now, budget, &mut body) == 0 {
                return;
            }
            attachment.in_flight += 1;
            attachment.running.order(Order::Up(body.into()));
        }
    }

    /// A hop has a limit on bodies: it will not go away.
    pub(super) fn limit_bodies(&mut self) {
        self.shrink_bodies();
        self.body_bytes_limit = self.body_bytes;
    }

    /// A body did not get through: smaller ones may.
    pub(super) fn shrink_bodies(&mut self) {
        self.body_bytes = (self.body_bytes / 2).max(BODY_BYTES_MIN);
    }

    /// A body got through: larger ones may too.
    pub(super) fn grow_bodies(&mut self) {
        self.body_bytes = (self.body_bytes + BODY_BYTES_STEP).min(self.body_bytes_limit);
    }

    /// Sends envelopes of no sequence at once, whether or not there is room for items.
    pub(super) fn up(&mut self, generation: u64, envelope: &Envelope<'_>) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        if attachment.in_flight >= UPS_IN_FLIGHT_MAX {
            return;
        }
        let mut body = begun(attachment);
        envelope.encode(&mut body);
        attachment.in_flight += 1;
        attachment.running.order(Order::Up(body.into()));
    }

    /// Makes the downlink requests that are due.
    pub(super) fn renew(&mut self, now: u64) {
        for attachment in &mut self.attachments {
            if attachment.renew_at.is_none_or(|at| at > now) {
                continue;
            }
            attachment.renew_at = None;
            // The last ack goes by `send`, whose answer is waited for; a downlink would be torn off with it.
            if self.over_at.is_some() {
                continue;
            }
            attachment.request += 1;
            let mut body = Vec::new();
            Envelope::With {
                key: attachment.key,
                request: attachment.request,
            }
            .encode(&mut body);
            self.session.write_ack(&mut body);
            // An ack may be lost with the rest of the response before.
            if std::mem::take(&mut attachment.cut) {
                Envelope::Again.encode(&mut body);
            }
            attachment.running.order(Order::Down(body.into()));
        }
    }

    /// The first envelope of an attachment.
    pub(super) fn attach_envelope(&self, generation: u64, at_once: bool) -> Bytes {
        let json = Attach {
            version: 1,
            proof: self.proof,
            generation,
            in_use: at_once,
            received: self.session.received(),
            window: self.session.credit(),
            target: self.dialer.target.path_and_query(),
            protocols: self.dialer.settings.subprotocols.clone(),
            authorization: self.dialer.target.authorization.clone(),
            attempt: Some(self.dialer.attempt.to_string()),
        }
        .json();
        let mut first = Vec::new();
        Envelope::Attach(&json).encode(&mut first);
        first.into()
    }
}

/// A body for envelopes up: over HTTP it begins with the attachment's key.
fn begun(attachment: &Attachment) -> Vec<u8> {
    let mut body = Vec::new();
    if attachment.is_http() {
        Envelope::With {
            key: attachment.key,
            request: 0,
        }
        .encode(&mut body);
    }
    body
}
