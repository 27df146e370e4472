//! A hop that forgets a silent connection and tells nobody.

use super::lives::{Lives, died, shows};
use crate::evidence::Evidence;
use crate::observation::{Ending, Traffic};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const NAT_SILENT: Rule = Rule {
    cause: "time-nat-silent",
    explains: &["unknown-below-app"],
    judge,
};

/// After a silence a ping has no answer, or earns a reset; after a shorter one it is answered.
fn judge(evidence: &Evidence<'_>) -> Judgement {
    let lives = Lives::of(evidence);
    let silence = |traffic: &Traffic| match traffic {
        Traffic::SilentThenPing { silent_ms } => *silent_ms,
        _ => 0,
    };
    let mut lost: Vec<_> = lives
        .woken
        .iter()
        .filter(|life| {
            let reset = life.fact.ended == Some(Ending::Reset)
                && life.fact.lived_ms >= silence(&life.fact.traffic);
            (life.fact.final_ping_answered == Some(false) && !died(life)) || reset
        })
        .copied()
        .collect();
    lost.sort_by_key(|life| silence(&life.fact.traffic));
    let Some(first) = lost.first().copied() else {
        return Judgement::nothing();
    };
    let silent_ms = silence(&first.fact.traffic);
    if lives.silent.iter().any(died) {
        return Judgement::nothing();
    }
    let shorter = lives.woken.iter().find(|life| {
        life.fact.final_ping_answered == Some(true) && silence(&life.fact.traffic) < silent_ms
    });
    let pinged = lives
        .pinged
        .iter()
        .find(|life| !died(life) && life.fact.pongs_received > 0);
    let summary = format!(
        "After {} of silence the connection looks open and nothing passes any more: a hop forgot it without a word.",
        duration(silent_ms)
    );
    let support = match (shorter, pinged) {
        (Some(shorter), _) => {
            Support::certain(summary, shows_woken(&first)).and(shows_woken(shorter))
        }
        (None, Some(pinged)) => Support::certain(summary, shows_woken(&first)).and(shows(pinged)),
        // Pings that are never answered are another matter.
        (None, None) => return Judgement::nothing(),
    };
    support
        .and_all(lost.iter().skip(1).map(shows_woken))
        .weighing(65)
        .into()
}

fn shows_woken(life: &super::lives::Life<'_>) -> crate::finding::Evidence {
    let Traffic::SilentThenPing { silent_ms } = life.fact.traffic else {
        return shows(life);
    };
    let after = duration(silent_ms);
    life.shows(match life.fact.final_ping_answered {
        Some(true) => format!("After {after} of silence a ping was answered."),
        _ if died(life) => format!("After {after} of silence a ping was answered by a reset."),
        _ => {
            format!("After {after} of silence a ping was not answered, and the socket stayed open.")
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{Ending, Endurance, Traffic};
    use crate::rules::frame::testing::*;

    const PING: Traffic = Traffic::Ping { every_ms: 1000 };

    fn woken(silent_ms: u64, answered: bool) -> Endurance {
        let traffic = Traffic::SilentThenPing { silent_ms };
        let mut life = lived(traffic, 0, silent_ms + 3_000, None);
        life.final_ping_answered = Some(answered);
        life
    }

    fn base() -> Run {
        Run::new()
            .endure(lived(Traffic::Silent, 0, 10_000, None))
            .endure(lived(PING, 900, 9_000, None))
            .endure(woken(2_500, true))
    }

    #[test]
    fn silence_that_ends_in_nothing_is_certain() {
        base()
            .endure(woken(5_000, false))
            .expect("time-nat-silent", Confidence::Certain);
    }

    #[test]
    fn silence_that_ends_in_a_reset_is_too() {
        let traffic = Traffic::SilentThenPing { silent_ms: 5_000 };
        base()
            .endure(lived(traffic, 0, 5_002, Some(Ending::Reset)))
            .expect("time-nat-silent", Confidence::Certain);
    }

    #[test]
    fn answered_pings_are_healthy() {
        base().endure(woken(5_000, true)).expect_no_fault();
    }
}
