//! What transports report, and what the application is given of it.
//!
//! Items are taken from any attachment, late ones too: their numbers say what is new.

use towpath_session::body::{Attached, End, Proof};
use towpath_session::{Decoder, Envelope, Fault, Malformed, whole};

use super::Driver;
use super::sending::BODY_BYTES_MIN;
use crate::client::Transport;
use crate::client::attachment::Phase;
use crate::client::failure::Failure;
use crate::client::inbound::Taken;
use crate::client::message::Event;
use crate::client::report::{Report, What};
use towpath_session::limits::PIECE_BYTES;

/// Responses in a row that may hold what is no envelope before the gateway is blamed.
const MALFORMED_MAX: u32 = 8;
/// Barren downlink responses in a row that end an attachment.
const BARREN_MAX: u32 = 4;
/// Wait before a downlink request that follows a barren one, in ms; doubled each time.
const BARREN_WAIT_MS: u64 = 50;

impl Driver {
    pub(super) fn arrived(&mut self, report: Report) {
        let (generation, now) = (report.generation, self.now());
        if self.attachment(generation).is_none() {
            return;
        }
        match report.what {
            What::Down(bytes) => self.down(generation, &bytes, now),
            What::Answer(bytes) => {
                for envelope in whole(&bytes) {
                    let taken = envelope.map_err(Fault::from);
                    let taken = taken.and_then(|one| self.envelope(generation, one, now));
                    self.judge(generation, taken, now);
                }
            }
            What::Room => {
                if let Some(attachment) = self.attachment(generation) {
                    attachment.in_flight = attachment.in_flight.saturating_sub(1);
                }
                self.grow_bodies();
            }
            What::ResponseEnded(failure) => self.response_ended(generation, failure, now),
            What::Ended(failure) => self.ended(generation, &failure, now),
        }
    }

    /// Bytes of the downlink, cut anywhere.
    fn down(&mut self, generation: u64, bytes: &[u8], now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        attachment.last_down = now;
        attachment.fruitful = true;
        let mut decoder = std::mem::take(&mut attachment.decoder);
        decoder.feed(bytes);
        loop {
            let taken = match decoder.next() {
                Ok(None) => break,
                Ok(Some(envelope)) => self.envelope(generation, envelope, now),
                Err(malformed) => Err(malformed.into()),
            };
            if !self.judge(generation, taken, now) {
                return;
            }
        }
        if let Some(attachment) = self.attachment(generation) {
            attachment.decoder = decoder;
        }
    }

    /// Whether to read on. What a hop made of a body harms one attachment, and the session only where
    /// the gateway itself broke the protocol.
    fn judge(&mut self, generation: u64, taken: Result<(), Fault>, now: u64) -> bool {
        match taken {
            Ok(()) => return self.attachment(generation).is_some(),
            Err(Fault::Malformed(fault)) if self.may_be_a_hop_s(generation) => {
                self.ended(generation, &Failure::Malformed(fault.to_string()), now);
            }
            Err(fault) => self.fault(fault),
        }
        false
    }

    /// Whether what was malformed is forgiven: it is counted until an item or an ack arrives sound.
    fn may_be_a_hop_s(&mut self, generation: u64) -> bool {
        self.malformed += 1;
        self.in_use != Some(generation) || self.malformed <= MALFORMED_MAX
    }

    fn envelope(&mut self, generation: u64, envelope: Envelope<'_>, now: u64) -> Result<(), Fault> {
        match envelope {
            Envelope::Attached(json) => self.attached(generation, &Attached::parse(json)?, now),
            Envelope::Item(_) | Envelope::Ack { .. } => {
                if let Err(fault) = self.session.receive(envelope, now) {
                    // Only the gateway numbers items: no hop can be blamed.
                    self.fault(fault);
                    return Ok(());
                }
                self.malformed = 0;
                self.outbound
                    .acknowledged(self.session.outbox().acknowledged());
            }
            Envelope::Ping(payload) => self.up(generation, &Envelope::Pong(payload)),
            Envelope::Pong(_) => self.checked(generation, now),
            Envelope::Superseded { generation: newer } => {
                self.generation = self.generation.max(newer);
                self.ended(generation, &Failure::Superseded(newer), now);
            }
            Envelope::End(json) => self.told_end(generation, End::parse(json)?, now),
            Envelope::Again => {
                if let Some(attachment) = self.attachment(generation) {
                    attachment.ended_on_purpose = true;
                }
            }
            Envelope::Padding(_) => {}
            Envelope::Attach(_) | Envelope::With { .. } | Envelope::Use { .. } => {
                return Err(Malformed::Unexpected.into());
            }
        }
        Ok(())
    }

    fn attached(&mut self, generation: u64, attached: &Attached, now: u64) {
        self.shared.set_session(&attached.session);
        self.proof = Proof::Token(attached.token);
        let bytes = |number| usize::try_from(number).unwrap_or(usize::MAX);
        self.terms.piece_bytes_max = bytes(attached.piece).min(PIECE_BYTES);
        let body_bytes = bytes(attached.body).max(BODY_BYTES_MIN);
        self.body_bytes_limit = self.body_bytes_limit.min(body_bytes);
        self.body_bytes = self.body_bytes.min(self.body_bytes_limit);
        self.terms.heartbeat = attached.heartbeat;
        self.terms.resume = attached.resume;
        let in_use = self.in_use;
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        attachment.key = attached.key.0;
        attachment.peer_received = attached.received;
        attachment.peer_window = attached.window;
        let needs_check = attachment.needs_check;
        attachment.phase = if needs_check {
            Phase::Checking { since: now }
        } else {
            Phase::Proven
        };
        let is_first = attachment.used_at_once && in_use.is_none();
        let takes_over = attachment.wanted || is_first;
        if takes_over {
            self.use_attachment(generation, now);
        }
        if needs_check {
            self.up(generation, &Envelope::Ping(CHECK));
        } else {
            self.proven(generation, now);
        }
    }

    /// A pong came: small chunks pass.
    fn checked(&mut self, generation: u64, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        if matches!(attachment.phase, Phase::Checking { .. }) {
            attachment.phase = Phase::Proven;
            self.proven(generation, now);
        }
    }

    fn response_ended(&mut self, generation: u64, failure: Option<Failure>, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        if attachment.phase == Phase::Attaching {
            let failure = failure.unwrap_or_else(|| Failure::Cut("no answer".to_owned()));
            self.ended(generation, &failure, now);
            return;
        }
        attachment.decoder = Decoder::new();
        let was_fruitful = std::mem::take(&mut attachment.fruitful);
        let mut is_whole = std::mem::take(&mut attachment.ended_on_purpose);
        if attachment.transport == Transport::Poll {
            is_whole = was_fruitful && failure.is_none();
        }
        if was_fruitful {
            attachment.barren = 0;
            attachment.renew_at = Some(now);
        }
        attachment.cut = !is_whole;
        if was_fruitful {
            return;
        }
        attachment.barren += 1;
        if attachment.barren >= BARREN_MAX {
            let failure = failure.unwrap_or(Failure::Silent(0));
            self.ended(generation, &failure, now);
        } else {
            attachment.renew_at =
                Some(now + (BARREN_WAIT_MS << attachment.barren) - BARREN_WAIT_MS * 2);
        }
    }

    /// Gives the application what is next, as far as it takes it.
    pub(super) fn deliver(&mut self, now: u64) {
        while self.waiting.is_empty() && self.over_at.is_none() {
            let Some(item) = self.session.deliver() else {
                self.all_taken();
                return;
            };
            let cost = item.cost();
            match self.inbound.take(item) {
                Taken::More => self.session.consumed(cost, now),
                Taken::Event(event) => {
                    self.untaken = cost;
                    self.waiting.push_back(event);
                }
                Taken::Refused(event) => {
                    self.session.consumed(cost, now);
                    self.waiting.push_back(event);
                    self.over(1006, "", None);
                }
                Taken::Close(code, reason) => {
                    self.session.consumed(cost, now);
                    self.over(code, &reason, None);
                }
                Taken::Broken(code, reason) => {
                    self.push_close(Some(code), reason);
                    self.over(code, reason, None);
                }
            }
        }
    }

    /// The application took the event that waited.
    pub(super) fn taken(&mut self) {
        let now = self.now();
        self.session
            .consumed(std::mem::take(&mut self.untaken), now);
    }

    /// Gives the application an event. A loss that is over before it was told is no news.
    pub(super) fn tell(&mut self, event: Event) {
        if matches!(event, Event::Recovered { .. })
            && self.waiting.back() == Some(&Event::Reconnecting)
        {
            self.waiting.pop_back();
            return;
        }
        self.waiting.push_back(event);
    }
}

const CHECK: &[u8] = b"passes";
