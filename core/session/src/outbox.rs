//! What one end has sent or will send: items stay until they are acknowledged. It never frees an item because it was written.

use std::collections::VecDeque;

use crate::decode::Malformed;
use crate::item::{Item, Kind};

use bytes::Bytes;

/// The sending half of a session.
#[derive(Debug, Default)]
pub struct Outbox {
    /// From the first item that is not acknowledged.
    items: VecDeque<Item>,
    /// The last item that is acknowledged.
    acknowledged: u64,
    /// The cost of everything acknowledged, since the session began.
    acknowledged_cost: u64,
    /// The cost of `items`.
    held_cost: u64,
    /// How many of `items` went out on the attachment in use.
    written: usize,
    /// The cost of everything acknowledged or written on the attachment in use.
    written_cost: u64,
    /// The last item that ever went out.
    sent: u64,
    /// What the peer accepts, since the session began.
    credit: u64,
}

impl Outbox {
    /// Takes an item and gives its sequence number.
    pub fn push(&mut self, kind: Kind, payload: Bytes) -> u64 {
        let sequence = self.last() + 1;
        let item = Item {
            sequence,
            kind,
            payload,
        };
        self.held_cost += item.cost();
        self.items.push_back(item);
        sequence
    }

    /// The last item pushed.
    pub fn last(&self) -> u64 {
        self.acknowledged + self.items.len() as u64
    }

    /// Takes an acknowledgement. Both numbers only grow; what is lower than before is stale.
    pub fn acknowledge(&mut self, received: u64, credit: u64) -> Result<(), Malformed> {
        if received > self.sent {
            return Err(Malformed::Received);
        }
        self.credit = self.credit.max(credit);
        while self.acknowledged < received {
            let Some(item) = self.items.pop_front() else {
                break;
            };
            self.acknowledged = item.sequence;
            self.acknowledged_cost += item.cost();
            self.held_cost -= item.cost();
            if self.written > 0 {
                self.written -= 1;
            } else {
                self.written_cost += item.cost();
            }
        }
        if self.items.is_empty() {
            // Most sessions are idle most of the time, and room for four items is a tenth of what one holds then.
            self.items = VecDeque::new();
        }
        Ok(())
    }

    /// Everything that is not acknowledged has to go out again.
    pub fn rewind(&mut self) {
        self.written = 0;
        self.written_cost = self.acknowledged_cost;
    }

    /// The next item that may go out now.
    pub fn ready(&self) -> Option<&Item> {
        self.items
            .get(self.written)
            .filter(|item| self.written_cost + item.cost() <= self.credit)
    }

    /// Appends what may go out to `out`, at most `budget` bytes. Gives how many items it were.
    pub fn write(&mut self, budget: usize, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let mut count = 0;
        while let Some(item) = self.ready() {
            let part = item.part();
            if out.len() - start + part.encoded_length() > budget {
                break;
            }
            part.encode(out);
            let (sequence, cost) = (item.sequence, item.cost());
            self.sent = self.sent.max(sequence);
            self.written += 1;
            self.written_cost += cost;
            count += 1;
        }
        count
    }

    /// Items that are not acknowledged, oldest first.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// How many items are not acknowledged.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether everything is acknowledged.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The cost of what is not acknowledged.
    pub fn held_cost(&self) -> u64 {
        self.held_cost
    }

    /// The last item that is acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The last item that ever went out.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// What the peer accepts, since the session began.
    pub fn credit(&self) -> u64 {
        self.credit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::whole;
    use crate::envelope::Envelope;

    fn sequences(outbox: &mut Outbox, budget: usize) -> Vec<u64> {
        let mut out = Vec::new();
        outbox.write(budget, &mut out);
        whole(&out)
            .map(|envelope| match envelope.unwrap() {
                Envelope::Item(part) => part.sequence,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn filled(count: u64, credit: u64) -> Outbox {
        let mut outbox = Outbox::default();
        for _ in 0..count {
            outbox.push(Kind::Binary, Bytes::from_static(&[0; 4]));
        }
        outbox.acknowledge(0, credit).unwrap();
        outbox
    }

    #[test]
    fn credit_counts_from_the_beginning_and_repeats_count_once() {
        let mut outbox = filled(5, 45);
        assert_eq!(sequences(&mut outbox, 1000), [1, 2]);
        outbox.rewind();
        assert_eq!(sequences(&mut outbox, 1000), [1, 2]);
        outbox.acknowledge(2, 60).unwrap();
        assert_eq!(sequences(&mut outbox, 1000), [3]);
        outbox.acknowledge(2, 50).unwrap();
        outbox.rewind();
        assert_eq!(sequences(&mut outbox, 1000), [3]);
    }

    #[test]
    fn what_the_old_attachment_brought_is_not_sent_on_the_new() {
        let mut outbox = filled(4, 1000);
        assert_eq!(sequences(&mut outbox, 1000), [1, 2, 3, 4]);
        outbox.rewind();
        outbox.acknowledge(3, 1000).unwrap();
        assert_eq!(sequences(&mut outbox, 1000), [4]);
        assert_eq!((outbox.len(), outbox.held_cost()), (1, 20));
    }

    #[test]
    fn a_budget_is_kept_and_what_was_never_sent_cannot_be_acknowledged() {
        let mut outbox = filled(4, 1000);
        assert_eq!(sequences(&mut outbox, 15), [1, 2]);
        assert_eq!(outbox.acknowledge(3, 1000), Err(Malformed::Received));
        assert_eq!(outbox.acknowledge(2, 1000), Ok(()));
    }
}
