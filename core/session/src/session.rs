//! The reliable engine, the same at both ends: items in, envelopes out, envelopes in, items out. It never knows which
//! transport carries it, and never chooses when to write: the host asks once per wake-up.

use bytes::Bytes;

use crate::decode::Malformed;
use crate::ends::Outcome;
use crate::envelope::Envelope;
use crate::inbox::Inbox;
use crate::item::{Item, Kind};
use crate::limits::{ACK_DELAY_MS, PIECE_BYTES, WINDOW_BYTES};
use crate::outbox::Outbox;

/// Which end this is: only the gateway says what the backend answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The page or program.
    Client,
    /// The gateway.
    Gateway,
}

/// The bounds of one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which end this is.
    pub side: Side,
    /// Cost that the peer may have on its way to this end.
    pub window_bytes: u64,
    /// Cost of unacknowledged items above which [`Session::has_room`] says no.
    pub outbox_bytes_max: u64,
    /// Payload bytes of an item that this end sends.
    pub piece_bytes_max: usize,
    /// How long an ack may wait for company, in milliseconds.
    pub ack_delay_ms: u64,
}

impl Settings {
    /// The defaults of the protocol.
    pub fn new(side: Side) -> Self {
        Self {
            side,
            window_bytes: WINDOW_BYTES,
            outbox_bytes_max: WINDOW_BYTES,
            piece_bytes_max: PIECE_BYTES,
            ack_delay_ms: ACK_DELAY_MS,
        }
    }
}

/// Why a session must end: the peer broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An envelope or a number that cannot be.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// An item beyond the credit.
    #[error("an item lies beyond the credit")]
    Flow,
}

impl Fault {
    /// How it is told to the peer.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Malformed(_) => Outcome::Malformed,
            Self::Flow => Outcome::Flow,
        }
    }
}

/// One end of a session.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    outbox: Outbox,
    inbox: Inbox,
    attached: bool,
    /// When an ack has to go out; nothing if the peer knows all.
    ack_at: Option<u64>,
    /// What the application had taken when the last ack was written.
    consumed_at_ack: u64,
    /// The last item of this direction was pushed.
    closing: bool,
}

impl Session {
    /// A new session, not attached.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            outbox: Outbox::default(),
            inbox: Inbox::new(settings.side, settings.window_bytes),
            attached: false,
            ack_at: None,
            consumed_at_ack: 0,
            closing: false,
        }
    }

    /// Takes an item of at most `piece_bytes_max` payload bytes from the application and gives its sequence number.
    /// Behind a close nothing can follow: then nothing is taken, and the number is that of the close.
    pub fn push(&mut self, kind: Kind, payload: Bytes) -> u64 {
        if self.closing {
            return self.outbox.last();
        }
        self.closing = kind == Kind::Close;
        self.outbox.push(kind, payload)
    }

    /// Whether the source may be read on: the outbox is below its limit.
    pub fn has_room(&self) -> bool {
        self.outbox.held_cost() < self.settings.outbox_bytes_max
    }

    /// A new attachment is in use, or a new request took the place of the last: what the peer does not have goes out again.
    /// `peer_received` and `peer_credit` are from attach, attached, or the ack behind `with`.
    pub fn attach(&mut self, peer_received: u64, peer_credit: u64, _now: u64) -> Result<(), Fault> {
        self.outbox.acknowledge(peer_received, peer_credit)?;
        self.outbox.rewind();
        self.attached = true;
        Ok(())
    }

    /// There is no attachment: nothing is written until the next.
    pub fn detach(&mut self, _now: u64) {
        self.attached = false;
    }

    /// Whether an attachment is in use.
    pub fn is_attached(&self) -> bool {
        self.attached
    }

    /// Takes an item, an ack, or at the gateway `again`; other envelopes are for the host and are ignored. After a fault the session must end.
    pub fn receive(&mut self, envelope: Envelope<'_>, now: u64) -> Result<(), Fault> {
        match envelope {
            Envelope::Item(part) => {
                self.inbox.take(part)?;
                // One that was there already is acknowledged again, too: the peer seems not to know.
                self.ack_by(now + self.settings.ack_delay_ms);
                Ok(())
            }
            Envelope::Ack { received, credit } => Ok(self.outbox.acknowledge(received, credit)?),
            // The response that carried the last ack did not arrive whole.
            Envelope::Again if self.settings.side == Side::Gateway => {
                self.ack_by(now);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The next item in order.
    pub fn deliver(&mut self) -> Option<Item> {
        self.inbox.deliver()
    }

    /// The application behind took items of this cost ([`Item::cost`]); the credit grows by it.
    pub fn consumed(&mut self, cost: u64, now: u64) {
        self.inbox.consume(cost);
        let since = self.inbox.consumed() - self.consumed_at_ack;
        if since >= self.settings.window_bytes / 4 {
            self.ack_by(now);
        } else if since > 0 {
            self.ack_by(now + self.settings.ack_delay_ms);
        }
    }

    /// Appends what has to go out now: an ack if one is due or items follow, then items within the peer's credit. Gives the
    /// bytes appended, at most `budget`, which must hold at least one item of the largest size.
    pub fn transmit(&mut self, now: u64, budget: usize, out: &mut Vec<u8>) -> usize {
        if !self.attached {
            return 0;
        }
        let start = out.len();
        if self
            .ack_at
            .is_some_and(|at| at <= now || self.outbox.ready().is_some())
        {
            self.write_ack(out);
        }
        let rest = budget.saturating_sub(out.len() - start);
        self.outbox.write(rest, out);
        out.len() - start
    }

    /// Appends an ack whether it is due or not: the answer to `send` and each `with` need one.
    pub fn write_ack(&mut self, out: &mut Vec<u8>) {
        self.ack().encode(out);
        self.ack_at = None;
        self.consumed_at_ack = self.inbox.consumed();
    }

    /// An ack is due at once. The gateway calls this when a candidate is used: what `attached` said may have grown old, and an
    /// ack that the attachment before carried may be lost. The client writes one behind its `use` for the same reason.
    pub fn ack_now(&mut self, now: u64) {
        self.ack_by(now);
    }

    /// The ack as it would be written now.
    pub fn ack(&self) -> Envelope<'static> {
        Envelope::Ack {
            received: self.inbox.received(),
            credit: self.inbox.credit(),
        }
    }

    /// Whether [`Session::transmit`] would write something.
    pub fn wants_to_transmit(&self, now: u64) -> bool {
        self.attached && (self.ack_at.is_some_and(|at| at <= now) || self.outbox.ready().is_some())
    }

    /// When to call [`Session::transmit`] if nothing happens before.
    pub fn deadline(&self) -> Option<u64> {
        self.ack_at.filter(|_| self.attached)
    }

    /// Items that the peer has not acknowledged, oldest first.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &Item> {
        self.outbox.unacknowledged()
    }

    /// The cost of the items that the peer has not acknowledged.
    pub fn buffered_cost(&self) -> u64 {
        self.outbox.held_cost()
    }

    /// The cost of the items that are held for the application.
    pub fn inbox_cost(&self) -> u64 {
        self.inbox.held_cost()
    }

    /// The cost of the items that the application behind has not taken, be they held here or by the host.
    pub fn untaken_cost(&self) -> u64 {
        self.inbox.untaken_cost()
    }

    /// The last item up to which everything arrived: `received` of attach and attached.
    pub fn received(&self) -> u64 {
        self.inbox.received()
    }

    /// What this end accepts, since the session began: `window` of attach and attached.
    pub fn credit(&self) -> u64 {
        self.inbox.credit()
    }

    /// Whether a close of this end was pushed.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether a close of this end was pushed and the peer has everything.
    pub fn is_close_acknowledged(&self) -> bool {
        self.closing && self.outbox.is_empty()
    }

    /// Whether the close of the peer has arrived in its order.
    pub fn is_peer_closed(&self) -> bool {
        self.inbox.is_closed()
    }

    /// The bounds.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The sending half, for its counters.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn ack_by(&mut self, at: u64) {
        self.ack_at = Some(self.ack_at.map_or(at, |before| before.min(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::whole;

    fn settings(side: Side) -> Settings {
        Settings {
            window_bytes: 400,
            ..Settings::new(side)
        }
    }

    fn pair() -> (Session, Session) {
        let mut client = Session::new(settings(Side::Client));
        let mut gateway = Session::new(settings(Side::Gateway));
        client
            .attach(gateway.received(), gateway.credit(), 0)
            .unwrap();
        gateway
            .attach(client.received(), client.credit(), 0)
            .unwrap();
        (client, gateway)
    }

    fn carry(from: &mut Session, to: &mut Session, now: u64) -> Vec<&'static str> {
        let mut out = Vec::new();
        from.transmit(now, 60_000, &mut out);
        let envelopes = whole(&out).map(Result::unwrap);
        envelopes
            .map(|envelope| {
                to.receive(envelope, now).unwrap();
                envelope.name()
            })
            .collect()
    }

    #[test]
    fn an_ack_waits_for_company_and_goes_in_front_of_it() {
        let (mut client, mut gateway) = pair();
        client.push(Kind::Text, Bytes::from_static(b"one"));
        assert_eq!(carry(&mut client, &mut gateway, 10), ["text"]);
        assert_eq!(gateway.deadline(), Some(60));
        assert!(!gateway.wants_to_transmit(59));
        assert!(gateway.wants_to_transmit(60));
        gateway.push(Kind::Opened, Bytes::from_static(b"{}"));
        assert_eq!(carry(&mut gateway, &mut client, 20), ["ack", "opened"]);
        assert_eq!(gateway.deadline(), None);
        assert_eq!(client.unacknowledged().count(), 0);
    }

    #[test]
    fn a_slow_application_stops_the_sender_and_taking_a_quarter_lets_it_go_on_at_once() {
        let (mut client, mut gateway) = pair();
        for _ in 0..10 {
            client.push(Kind::Binary, Bytes::from_static(&[0; 84]));
        }
        assert_eq!(carry(&mut client, &mut gateway, 0).len(), 4);
        assert!(!client.wants_to_transmit(1000));
        assert_eq!(carry(&mut gateway, &mut client, 50), ["ack"]);
        assert_eq!(client.unacknowledged().count(), 6);
        assert!(!client.wants_to_transmit(1000));
        let item = gateway.deliver().unwrap();
        gateway.consumed(item.cost(), 60);
        assert_eq!(gateway.deadline(), Some(60));
        assert_eq!(carry(&mut gateway, &mut client, 60), ["ack"]);
        assert_eq!(carry(&mut client, &mut gateway, 60), ["binary"]);
    }

    #[test]
    fn items_ahead_of_order_wait_and_those_beyond_the_credit_are_a_breach() {
        let (_, mut gateway) = pair();
        let item = |sequence, payload| {
            Envelope::Item(crate::item::Part {
                sequence,
                kind: Kind::Binary,
                payload,
            })
        };
        gateway.receive(item(3, &[3; 84]), 0).unwrap();
        gateway.receive(item(3, &[3; 84]), 0).unwrap();
        assert!(gateway.deliver().is_none());
        gateway.receive(item(2, &[2; 84]), 0).unwrap();
        assert_eq!(gateway.inbox_cost(), 200);
        gateway.receive(item(1, &[1; 84]), 0).unwrap();
        let order: Vec<u64> = std::iter::from_fn(|| gateway.deliver())
            .map(|i| i.sequence)
            .collect();
        assert_eq!(order, [1, 2, 3]);
        assert_eq!(gateway.receive(item(5, &[0; 70]), 0), Err(Fault::Flow));
        assert_eq!(gateway.receive(item(4, &[0; 85]), 0), Err(Fault::Flow));
        gateway.receive(item(4, &[0; 84]), 0).unwrap();
    }

    #[test]
    fn nothing_follows_a_close_and_no_message_is_within_another() {
        let (mut client, mut gateway) = pair();
        client.push(Kind::TextMore, Bytes::from_static(b"a"));
        let close = client.push(Kind::Close, Bytes::new());
        assert_eq!(client.push(Kind::Text, Bytes::new()), close);
        carry(&mut client, &mut gateway, 0);
        assert!(gateway.is_peer_closed());
        let late = crate::item::Part {
            sequence: close + 1,
            kind: Kind::Text,
            payload: &[],
        };
        let fault = gateway.receive(Envelope::Item(late), 0);
        assert_eq!(fault, Err(Fault::Malformed(Malformed::OutOfPlace)));
        assert_eq!(carry(&mut gateway, &mut client, 50), ["ack"]);
        assert!(client.is_close_acknowledged());
    }

    #[test]
    fn a_client_says_nothing_of_a_backend() {
        let (mut client, mut gateway) = pair();
        client.push(Kind::Opened, Bytes::from_static(b"{}"));
        let mut out = Vec::new();
        client.transmit(0, 1000, &mut out);
        let envelope = whole(&out).next().unwrap().unwrap();
        assert_eq!(
            gateway.receive(envelope, 0),
            Err(Fault::Malformed(Malformed::OutOfPlace))
        );
    }
}
