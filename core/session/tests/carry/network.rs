//! The network: byte channels that keep order and can be cut at any byte, and requests that keep none.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use towpath_session::Decoder;

use super::dice::Dice;

/// What happens at a time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// Bytes reach the end of a channel.
    Bytes { channel: usize, bytes: Vec<u8> },
    /// A response ended on purpose.
    End { channel: usize },
    /// A request for the downlink reaches the gateway; its answer goes into the channel.
    Request {
        attachment: usize,
        channel: usize,
        bytes: Vec<u8>,
    },
    /// A `send` request reaches the gateway.
    Post {
        attachment: usize,
        number: u64,
        bytes: Vec<u8>,
        /// Copies that the network makes of one attempt are answered all or not at all: the newest answer of several
        /// would otherwise be lost without anyone asking again before the next heartbeat.
        is_answered: bool,
    },
    /// Its answer reaches the client.
    Answer {
        attachment: usize,
        number: u64,
        bytes: Vec<u8>,
    },
    /// The client has waited long enough for that answer.
    Repeat { attachment: usize, number: u64 },
    /// The network cuts what carries an attachment.
    Cut { attachment: usize },
    /// The client sees that a channel down is gone.
    Dead { attachment: usize, channel: usize },
    /// The client has waited long enough for `attached`.
    GiveUp { attachment: usize },
    /// The client tries another transport though one is in use.
    Move,
    /// The application of one end took something.
    Took { client: bool, cost: u64 },
    /// Time for heartbeats.
    Beat,
    /// Nothing but time.
    Wake,
}

/// One direction of a connection, or one response.
pub(crate) struct Channel {
    pub(crate) attachment: usize,
    pub(crate) decoder: Decoder,
    /// When the last bytes arrive.
    clock: u64,
    /// Nothing arrives later.
    limit: Option<u64>,
}

/// Everything on its way.
pub(crate) struct Network {
    pub(crate) now: u64,
    pub(crate) dice: Dice,
    pub(crate) channels: Vec<Channel>,
    /// Requests in a hundred that are repeated, and that are lost.
    pub(crate) repeated: u64,
    pub(crate) lost: u64,
    queue: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: 0,
            dice: Dice::new(seed),
            channels: Vec::new(),
            repeated: 0,
            lost: 0,
            queue: BinaryHeap::new(),
            count: 0,
        }
    }

    pub(crate) fn channel(&mut self, attachment: usize) -> usize {
        self.channels.push(Channel {
            attachment,
            decoder: Decoder::new(),
            clock: self.now,
            limit: None,
        });
        self.channels.len() - 1
    }

    pub(crate) fn after(&mut self, milliseconds: u64, event: Event) {
        self.count += 1;
        self.queue
            .push(Reverse((self.now + milliseconds, self.count, event)));
    }

    /// A way through the network: mostly short, now and then very long.
    pub(crate) fn latency(&mut self) -> u64 {
        if self.dice.percent(3) {
            self.dice.roll(900)
        } else {
            1 + self.dice.roll(20)
        }
    }

    /// How often a request arrives.
    pub(crate) fn copies(&mut self) -> u64 {
        if self.dice.percent(self.lost) {
            0
        } else {
            1 + u64::from(self.dice.percent(self.repeated))
        }
    }

    /// Bytes into a channel, in pieces that the network chooses.
    pub(crate) fn write(&mut self, channel: usize, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let cut = if self.dice.percent(70) {
                bytes.len()
            } else {
                1 + usize::try_from(self.dice.roll(bytes.len() as u64)).unwrap()
            };
            let (piece, rest) = bytes.split_at(cut);
            let delay = self.in_order(channel);
            let bytes_now = piece.to_vec();
            self.after(
                delay,
                Event::Bytes {
                    channel,
                    bytes: bytes_now,
                },
            );
            bytes = rest;
        }
    }

    pub(crate) fn end(&mut self, channel: usize) {
        let delay = self.in_order(channel);
        self.after(delay, Event::End { channel });
    }

    fn in_order(&mut self, channel: usize) -> u64 {
        let at = (self.now + self.latency()).max(self.channels[channel].clock);
        self.channels[channel].clock = at;
        at - self.now
    }

    /// Cuts a channel somewhere within what is on its way.
    pub(crate) fn cut(&mut self, channel: usize) {
        let way = self.channels[channel].clock.saturating_sub(self.now);
        let limit = self.now + self.dice.roll(way + 1);
        let before = self.channels[channel].limit;
        self.channels[channel].limit = Some(before.map_or(limit, |before| before.min(limit)));
    }

    /// What of an arrival is left: all, a part, or nothing.
    pub(crate) fn arrive(&mut self, channel: usize, bytes: &mut Vec<u8>) -> bool {
        match self.channels[channel].limit {
            Some(limit) if self.now > limit => false,
            Some(limit) if self.now == limit => {
                bytes.truncate(usize::try_from(self.dice.roll(bytes.len() as u64 + 1)).unwrap());
                self.channels[channel].limit = Some(0);
                true
            }
            _ => true,
        }
    }

    pub(crate) fn is_cut(&self, channel: usize) -> bool {
        self.channels[channel]
            .limit
            .is_some_and(|limit| limit <= self.now)
    }

    /// The next event; the clock goes on to it.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let Reverse((at, _, event)) = self.queue.pop()?;
        self.now = at;
        Some(event)
    }
}
