//! The sockets of the time ladder, sorted by what they carried. Names no cause.

use crate::evidence::{Evidence, Seen};
use crate::observation::{Ending, Endurance, Traffic};
use crate::words::duration;

/// One socket of the time ladder.
pub(super) type Life<'a> = Seen<'a, Endurance>;

/// The sockets of the time ladder.
pub(super) struct Lives<'a> {
    /// Those that carried nothing.
    pub(super) silent: Vec<Life<'a>>,
    /// Those that carried pings only.
    pub(super) pinged: Vec<Life<'a>>,
    /// Those that carried data.
    pub(super) data: Vec<Life<'a>>,
    /// Those that were silent until one ping.
    pub(super) woken: Vec<Life<'a>>,
}

impl<'a> Lives<'a> {
    /// Sorts the evidence.
    pub(super) fn of(evidence: &Evidence<'a>) -> Self {
        let mut lives = Self {
            silent: vec![],
            pinged: vec![],
            data: vec![],
            woken: vec![],
        };
        for life in evidence.endurances() {
            match life.fact.traffic {
                Traffic::Silent => lives.silent.push(life),
                Traffic::Ping { .. } => lives.pinged.push(life),
                Traffic::Data { .. } => lives.data.push(life),
                Traffic::SilentThenPing { .. } => lives.woken.push(life),
            }
        }
        lives
    }

    /// Those that carried something all the time.
    pub(super) fn busy(&self) -> impl Iterator<Item = &Life<'a>> {
        self.pinged.iter().chain(&self.data)
    }

    /// All but the woken ones, whose age depends on when they were woken.
    pub(super) fn steady(&self) -> impl Iterator<Item = &Life<'a>> {
        self.silent.iter().chain(self.busy())
    }

    /// Silent sockets that ended, the first to die first.
    pub(super) fn silent_deaths(&self) -> Vec<Life<'a>> {
        let mut deaths: Vec<Life<'a>> = self
            .silent
            .iter()
            .filter(|life| died(life))
            .copied()
            .collect();
        deaths.sort_by_key(|life| life.fact.lived_ms);
        deaths
    }
}

/// Whether it ended during the watch.
pub(super) fn died(life: &Life<'_>) -> bool {
    life.fact.ended.is_some()
}

/// Whether the peer said in words that silence was the reason.
pub(super) fn names_idleness(life: &Life<'_>) -> bool {
    let Some(Ending::Closed { reason, .. }) = &life.fact.ended else {
        return false;
    };
    let said = reason.to_ascii_lowercase();
    ["idle", "inactiv", "no activity"]
        .iter()
        .any(|word| said.contains(word))
}

/// When it ended, in milliseconds since the run began.
pub(super) fn moment(life: &Life<'_>) -> u64 {
    life.fact.opened_at_ms + life.fact.lived_ms
}

/// Whether a socket lived clearly longer than an age.
pub(super) fn outlived(life: &Life<'_>, age_ms: u64) -> bool {
    life.fact.lived_ms >= age_ms + age_ms / 4 + OUTLIVE_MS
}

/// Whether two ages or moments are the same within what timers allow.
pub(super) fn same(one_ms: u64, other_ms: u64) -> bool {
    one_ms.abs_diff(other_ms) <= SAME_MS + one_ms.max(other_ms) / 50
}

/// The distance between the smallest and the largest, in milliseconds.
pub(super) fn spread(times: impl Iterator<Item = u64> + Clone) -> u64 {
    let largest = times.clone().max().unwrap_or(0);
    largest - times.min().unwrap_or(0)
}

/// What a socket carried and how it ended, in a sentence.
pub(super) fn shows(life: &Life<'_>) -> crate::finding::Evidence {
    let what = match life.fact.traffic {
        Traffic::Silent => "A silent socket".to_owned(),
        Traffic::Ping { every_ms } => format!("A socket pinged every {}", duration(every_ms)),
        Traffic::Data { every_ms } => {
            format!("A socket carrying data every {}", duration(every_ms))
        }
        Traffic::SilentThenPing { silent_ms } => {
            format!(
                "A socket left silent for {} before a ping",
                duration(silent_ms)
            )
        }
    };
    let age = duration(life.fact.lived_ms);
    life.shows(match &life.fact.ended {
        Some(ending) => format!("{what} {} after {age}.", how(ending)),
        None => format!("{what} was still open after {age}."),
    })
}

fn how(ending: &Ending) -> String {
    crate::rules::frame::socket::ended(ending)
}

/// How far two timers may lie apart beyond a fiftieth, in milliseconds.
const SAME_MS: u64 = 250;
/// How much longer than another a socket must live to have been spared, beyond a quarter, in milliseconds.
const OUTLIVE_MS: u64 = 700;
