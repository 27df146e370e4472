//! The decisions, one table row each.

use super::*;
use crate::life::{Life, Unknown};
use crate::record::tests::source;
use crate::token::{Obtained, Token};

const READ: i64 = 1_700_000_000_000;
const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const READ_ONE: Decision = Decision::Read { old_will_do: false };

/// A record of a token that lives for an hour, read at [`READ`].
fn hour() -> Record {
    let mut record = Record::new(&source());
    record.kept = Some(Kept {
        read_unix_ms: READ,
        life: Life::Ends {
            issued_unix_s: Some(READ / 1_000),
            expires_unix_s: (READ + HOUR) / 1_000,
        },
        refusals: 0,
        token: Some("abc".to_owned()),
    });
    record
}

fn failed(mut record: Record, times: u32, last_unix_ms: i64) -> Record {
    for _ in 0..times {
        record.note_failure("the page did not load", last_unix_ms);
    }
    record
}

fn refused(record: &Record) -> Freshness {
    let kept = record.kept.as_ref().unwrap();
    Freshness::Renewed(Token {
        value: "abc".to_owned(),
        read_unix_ms: kept.read_unix_ms,
        life: kept.life,
        obtained: Obtained::Cached,
    })
}

fn paused(decision: &Decision) -> Option<u64> {
    match decision {
        Decision::Pause { wait, .. } => Some(wait.as_secs()),
        _ => None,
    }
}

#[test]
fn a_cached_token_is_used_until_it_is_due_and_not_beyond_its_life() {
    let at = |now| decide(&hour(), &Freshness::Cached, now, now);
    assert_eq!(at(READ), Decision::Use);
    assert_eq!(at(READ + 54 * 60 * SECOND), Decision::Use);
    assert_eq!(
        at(READ + 55 * 60 * SECOND),
        Decision::Read { old_will_do: true }
    );
    assert_eq!(at(READ + 59 * 60 * SECOND), READ_ONE);
    let nothing = Record::new(&source());
    assert_eq!(decide(&nothing, &Freshness::Cached, 0, 0), READ_ONE);
    assert_eq!(decide(&nothing, &Freshness::Usable, 0, 0), READ_ONE);
    let usable = |now| decide(&hour(), &Freshness::Usable, now, now);
    assert_eq!(usable(READ + 58 * 60 * SECOND), Decision::Use);
    assert_eq!(usable(READ + 59 * 60 * SECOND), READ_ONE);
}

#[test]
fn a_token_of_unknown_life_is_used_until_it_is_refused() {
    let mut record = hour();
    record.kept.as_mut().unwrap().life = Life::Unknown(Unknown::NotReadable);
    let later = READ + 10_000 * HOUR;
    assert_eq!(
        decide(&record, &Freshness::Cached, later, later),
        Decision::Use
    );
    assert_eq!(decide(&record, &refused(&record), later, later), READ_ONE);
}

#[test]
fn a_failed_renewal_leaves_the_old_token_in_use() {
    let due = READ + 56 * 60 * SECOND;
    let record = failed(hour(), 1, due);
    let soon = decide(&record, &Freshness::Cached, due + 1, due + 1);
    assert!(matches!(soon, Decision::UseAfterFailure { .. }), "{soon:?}");
    let later = due + 11 * SECOND;
    assert_eq!(
        decide(&record, &Freshness::Cached, later, later),
        Decision::Read { old_will_do: true }
    );
}

#[test]
fn pauses_double_up_to_an_hour() {
    let at = |count| {
        let record = failed(Record::new(&source()), count, READ);
        paused(&decide(&record, &Freshness::Cached, READ, READ))
    };
    assert_eq!(
        [1, 2, 3, 9, 10, 1_000].map(at),
        [10, 20, 40, 2_560, 3_600, 3_600].map(Some)
    );
}

#[test]
fn a_clock_that_was_set_back_pauses_nobody() {
    let record = failed(Record::new(&source()), 5, READ);
    let earlier = READ - HOUR;
    assert_eq!(
        decide(&record, &Freshness::Cached, earlier, earlier),
        READ_ONE
    );
}

#[test]
fn a_token_that_another_process_renewed_is_used() {
    let before = hour();
    let mut record = hour();
    record.kept.as_mut().unwrap().read_unix_ms += 5;
    let now = READ + 10 * SECOND;
    assert_eq!(decide(&record, &refused(&before), now, now), Decision::Use);
}

#[test]
fn tokens_that_are_refused_at_once_are_not_read_in_a_loop() {
    let mut record = hour();
    let now = READ + SECOND;
    assert_eq!(decide(&record, &refused(&record), now, now), READ_ONE);
    record.kept.as_mut().unwrap().refusals = 3;
    assert_eq!(
        paused(&decide(&record, &refused(&record), now, now)),
        Some(39)
    );
    // One that has served for a while is renewed at once.
    let later = READ + 11 * 60 * SECOND;
    assert_eq!(decide(&record, &refused(&record), later, later), READ_ONE);
}

#[test]
fn fresh_means_read_or_failed_since_the_question() {
    let fresh = |record: &Record, begun| decide(record, &Freshness::Fresh, begun, begun + SECOND);
    assert_eq!(fresh(&hour(), READ), Decision::Use);
    assert_eq!(fresh(&hour(), READ + 1), READ_ONE);
    let record = failed(Record::new(&source()), 2, READ);
    assert_eq!(paused(&fresh(&record, READ)), Some(19));
    // A person who tries again after a failure does not have to wait.
    assert_eq!(fresh(&record, READ + 1), READ_ONE);
}

#[test]
fn a_login_that_failed_is_asked_for_again_soon() {
    let place = Place::Login {
        login: "anonLogin".to_owned(),
    };
    let source = crate::source::Source::new("https://engine.example/", place, None).unwrap();
    let pause = |times| {
        let record = failed(Record::new(&source), times, READ);
        paused(&decide(&record, &Freshness::Cached, READ, READ))
    };
    assert_eq!(
        [1, 2, 3, 20].map(pause),
        [Some(1), Some(2), Some(4), Some(60)]
    );
}
