//! Random scripts: one engine against a peer that obeys, with cuts, repetition and any order.

use serde_json::Value;
use towpath_session::{Kind, Side};

use super::player::Player;
use super::scripts::{ack, item};

/// A small generator of our own, so that the files never change with a dependency.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

pub(crate) fn script(seed: u64) -> Value {
    let mut dice = Dice(seed);
    let mut player = Player::new(&format!("random {seed}"), Side::Gateway, 600);
    // The cost of items up to each, so that the peer stays within its credit.
    let mut sent_up = vec![0_u64];
    let mut consumed = 0;
    let mut credit = 600;
    let mut written = 0;
    for _ in 0..120 {
        player.now += dice.roll(30);
        match dice.roll(9) {
            0 => {
                player.push(
                    Kind::Binary,
                    &vec![7; usize::try_from(dice.roll(40)).unwrap()],
                );
            }
            1 => player.detach(),
            2 => {
                let received = dice.roll(written + 1);
                player.attach(received, credit);
            }
            3 | 4 => {
                let ahead = 1 + dice.roll(4);
                let sequence = u64::try_from(sent_up.len()).unwrap().saturating_sub(2) + ahead;
                send(&mut player, &mut sent_up, sequence, consumed);
            }
            5 => {
                if let Some(cost) = player.deliver() {
                    player.consumed(cost);
                    consumed += cost;
                }
            }
            6 => {
                credit += dice.roll(100);
                player.receive(&ack(dice.roll(written + 1), credit));
            }
            7 => player.state(),
            _ => {
                let out = player.transmit(60 + usize::try_from(dice.roll(100)).unwrap());
                written = written.max(highest(&out));
            }
        }
    }
    player.end()
}

/// Sends item `sequence` up if it lies within the credit; its size follows from its number.
fn send(player: &mut Player, costs: &mut Vec<u64>, sequence: u64, consumed: u64) {
    let size = |sequence: u64| sequence * 7 % 30;
    while u64::try_from(costs.len()).unwrap() <= sequence {
        let next = u64::try_from(costs.len()).unwrap();
        costs.push(costs.last().unwrap() + size(next) + 16);
    }
    let index = usize::try_from(sequence).unwrap();
    if sequence > 0 && costs[index] <= consumed + 600 {
        let payload =
            vec![u8::try_from(sequence % 251).unwrap(); usize::try_from(size(sequence)).unwrap()];
        assert!(player.receive(&item(Kind::Binary, sequence, &payload)));
    } else {
        costs.truncate(index.max(1));
    }
}

fn highest(bytes: &[u8]) -> u64 {
    let sequences = towpath_session::whole(bytes).filter_map(|envelope| match envelope.unwrap() {
        towpath_session::Envelope::Item(part) => Some(part.sequence),
        _ => None,
    });
    sequences.max().unwrap_or(0)
}
