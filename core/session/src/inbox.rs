//! What one end has received: items in order, those ahead of order, and the credit given for more. It never holds more
//! than the window, and never takes an item twice.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::decode::Malformed;
use crate::item::{Item, Kind, Part, cost};
use crate::limits::ITEM_COST;
use crate::session::{Fault, Side};

/// The receiving half of a session.
#[derive(Debug)]
pub struct Inbox {
    /// In order, not taken by the application yet.
    ready: VecDeque<Item>,
    /// Ahead of order.
    ahead: BTreeMap<u64, Item>,
    /// The cost of `ahead`.
    ahead_cost: u64,
    /// The last item up to which everything arrived.
    received: u64,
    /// The cost of everything up to it.
    received_cost: u64,
    /// The cost of everything delivered.
    delivered_cost: u64,
    /// What the application has taken, since the session began.
    consumed: u64,
    /// How much may be on its way.
    window: u64,
    /// Where the stream of items is.
    place: Place,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The answer of the backend.
    Answer,
    /// A new message.
    Between,
    /// A piece of this text message.
    Text,
    /// A piece of this binary message.
    Binary,
    /// After a refusal: at most a close.
    Refused,
    /// Nothing.
    Closed,
}

impl Place {
    fn after(self, kind: Kind) -> Option<Self> {
        Some(match (self, kind) {
            (Self::Closed, _) => return None,
            // A backend may vanish within a message, or before it answered.
            (_, Kind::Close) => Self::Closed,
            (Self::Answer, Kind::Opened) => Self::Between,
            (Self::Answer, Kind::Refused) => Self::Refused,
            (Self::Between | Self::Text, Kind::Text) => Self::Between,
            (Self::Between | Self::Text, Kind::TextMore) => Self::Text,
            (Self::Between | Self::Binary, Kind::Binary) => Self::Between,
            (Self::Between | Self::Binary, Kind::BinaryMore) => Self::Binary,
            _ => return None,
        })
    }
}

impl Inbox {
    /// An inbox of the given side with its window.
    pub fn new(side: Side, window: u64) -> Self {
        Self {
            ready: VecDeque::new(),
            ahead: BTreeMap::new(),
            ahead_cost: 0,
            received: 0,
            received_cost: 0,
            delivered_cost: 0,
            consumed: 0,
            window,
            place: match side {
                Side::Client => Place::Answer,
                Side::Gateway => Place::Between,
            },
        }
    }

    /// Takes an item, in whatever order and however often it comes.
    pub fn take(&mut self, part: Part<'_>) -> Result<(), Fault> {
        if part.sequence <= self.received {
            return Ok(());
        }
        if part.sequence == self.received + 1 {
            self.check_credit(part.sequence, cost(part.payload.len()))?;
            self.append(own(part))?;
            return self.close_gap();
        }
        if self.ahead.contains_key(&part.sequence) {
            return Ok(());
        }
        self.check_credit(part.sequence, cost(part.payload.len()))?;
        self.ahead_cost += cost(part.payload.len());
        self.ahead.insert(part.sequence, own(part));
        Ok(())
    }

    /// The least that everything up to the highest item can have cost must lie within the credit; so the number of
    /// items ahead of order is bounded, too.
    fn check_credit(&self, sequence: u64, cost: u64) -> Result<(), Fault> {
        let highest = self
            .ahead
            .last_key_value()
            .map_or(sequence, |(&last, _)| last.max(sequence));
        let missing = highest - self.received - self.ahead.len() as u64 - 1;
        let least = missing
            .saturating_mul(ITEM_COST)
            .saturating_add(self.received_cost + self.ahead_cost + cost);
        if least > self.credit() {
            return Err(Fault::Flow);
        }
        Ok(())
    }

    fn append(&mut self, item: Item) -> Result<(), Fault> {
        let place = self.place.after(item.kind);
        self.place = place.ok_or(Fault::Malformed(Malformed::OutOfPlace))?;
        self.received = item.sequence;
        self.received_cost += item.cost();
        self.ready.push_back(item);
        Ok(())
    }

    fn close_gap(&mut self) -> Result<(), Fault> {
        while let Some(item) = self.ahead.remove(&(self.received + 1)) {
            self.ahead_cost -= item.cost();
            self.append(item)?;
        }
        Ok(())
    }

    /// The next item in order.
    pub fn deliver(&mut self) -> Option<Item> {
        let item = self.ready.pop_front()?;
        self.delivered_cost += item.cost();
        if self.ready.is_empty() {
            // Most sessions are idle most of the time, and room for four items is a tenth of what one holds then.
            self.ready = VecDeque::new();
        }
        Some(item)
    }

    /// The application behind took this much.
    pub fn consume(&mut self, cost: u64) {
        self.consumed = (self.consumed + cost).min(self.delivered_cost);
    }

    /// The last item up to which everything arrived.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// What is accepted, since the session began.
    pub fn credit(&self) -> u64 {
        self.consumed + self.window
    }

    /// What the application has taken, since the session began.
    pub fn consumed(&self) -> u64 {
        self.consumed
    }

    /// The cost of what the application behind has not taken, be it held here or by the host.
    pub fn untaken_cost(&self) -> u64 {
        self.received_cost - self.consumed + self.ahead_cost
    }

    /// The cost of what is held, in order or not.
    pub fn held_cost(&self) -> u64 {
        self.received_cost - self.delivered_cost + self.ahead_cost
    }

    /// Whether a close came in its order: nothing more will arrive.
    pub fn is_closed(&self) -> bool {
        self.place == Place::Closed
    }
}

fn own(part: Part<'_>) -> Item {
    Item {
        sequence: part.sequence,
        kind: part.kind,
        payload: Bytes::copy_from_slice(part.payload),
    }
}
