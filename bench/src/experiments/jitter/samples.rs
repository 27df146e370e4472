//! What the samples of a jitter run say: loss, duplicates, order, and how late replayed messages were.
//!
//! Pure. It must never drop a sample because it is late.

use super::Plan;
use crate::statistics::percentile;
use std::collections::BTreeMap;

/// One arrival of one message. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) way: Way,
    pub(super) client: u32,
    /// From 1, in the order of sending.
    pub(super) number: u32,
    pub(super) sent: f64,
    pub(super) received: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// From the client.
    Up,
    /// To the client.
    Down,
}

/// A time without network, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) begin: f64,
    pub(super) end: f64,
}

/// The result of one contestant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    /// Messages that should arrive.
    pub(crate) expected: u64,
    /// Different messages that did, up and down.
    pub(crate) delivered: [u64; 2],
    pub(crate) duplicates: u64,
    /// Messages that arrived behind a later one.
    pub(crate) reordered: u64,
    /// Messages that a cut held up, and percentiles of their time on the way, in milliseconds.
    pub(crate) replayed: u64,
    pub(crate) replay_p50: Option<f64>,
    pub(crate) replay_p99: Option<f64>,
    /// The 99th percentile of all messages, in milliseconds.
    pub(crate) all_p99: Option<f64>,
}

impl Summary {
    /// Delivered messages of a hundred.
    #[expect(clippy::cast_precision_loss)]
    pub(crate) fn percent(&self) -> f64 {
        (self.delivered[0] + self.delivered[1]) as f64 * 100.0 / self.expected.max(1) as f64
    }
}

/// Sums up samples that stand in the order of their arrival.
pub(super) fn summarize(plan: &Plan, samples: &[Sample], cuts: &[Cut]) -> Summary {
    let mut summary = Summary {
        expected: u64::from(plan.clients) * u64::from(plan.messages) * 2,
        delivered: [0; 2],
        duplicates: 0,
        reordered: 0,
        replayed: 0,
        replay_p50: None,
        replay_p99: None,
        all_p99: None,
    };
    let mut seen: BTreeMap<(Way, u32), Vec<u32>> = BTreeMap::new();
    let (mut all, mut replayed) = (Vec::new(), Vec::new());
    for sample in samples {
        let earlier = seen.entry((sample.way, sample.client)).or_default();
        if earlier.contains(&sample.number) {
            summary.duplicates += 1;
            continue;
        }
        if earlier.iter().any(|number| *number > sample.number) {
            summary.reordered += 1;
        }
        earlier.push(sample.number);
        summary.delivered[usize::from(sample.way == Way::Down)] += 1;
        let time = sample.received - sample.sent;
        all.push(time);
        if is_replayed(sample, cuts) {
            replayed.push(time);
        }
    }
    summary.replayed = replayed.len() as u64;
    summary.replay_p50 = percentile(&replayed, 50.0);
    summary.replay_p99 = percentile(&replayed, 99.0);
    summary.all_p99 = percentile(&all, 99.0);
    summary
}

/// On the way when the network went, or sent while it was gone.
fn is_replayed(sample: &Sample, cuts: &[Cut]) -> bool {
    cuts.iter()
        .any(|cut| sample.sent < cut.end && sample.received > cut.begin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn plan(clients: u32, messages: u32) -> Plan {
        Plan {
            clients,
            messages,
            interval: Duration::ZERO,
            cuts: vec![],
            offline: Duration::ZERO,
            grace: Duration::ZERO,
        }
    }

    fn down(number: u32, sent: f64, received: f64) -> Sample {
        Sample {
            way: Way::Down,
            client: 1,
            number,
            sent,
            received,
        }
    }

    #[test]
    fn loss_duplicates_and_order_are_counted() {
        let samples = [1, 3, 2, 3].map(|number| down(number, 0.0, 1.0));
        let summary = summarize(&plan(1, 4), &samples, &[]);
        assert_eq!((summary.expected, summary.delivered), (8, [0, 3]));
        assert_eq!((summary.duplicates, summary.reordered), (1, 1));
        assert!((summary.percent() - 37.5).abs() < 1e-9);
    }

    #[test]
    fn directions_and_clients_are_told_apart() {
        let up = Sample {
            way: Way::Up,
            ..down(1, 0.0, 1.0)
        };
        let other = Sample { client: 2, ..up };
        let summary = summarize(&plan(2, 1), &[up, down(1, 0.0, 1.0), other], &[]);
        assert_eq!((summary.delivered, summary.duplicates), ([2, 1], 0));
    }

    #[test]
    fn replayed_is_what_a_cut_held_up() {
        let cut = Cut {
            begin: 100.0,
            end: 200.0,
        };
        let samples = [
            down(1, 50.0, 60.0),
            down(2, 99.0, 250.0),
            down(3, 150.0, 260.0),
            down(4, 201.0, 261.0),
        ];
        let summary = summarize(&plan(1, 4), &samples, &[cut]);
        assert_eq!(summary.replayed, 2);
        assert_eq!(summary.replay_p50, Some(110.0));
        assert_eq!(summary.replay_p99, Some(151.0));
    }
}
