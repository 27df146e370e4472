use super::*;
use crate::kosmi::testing::said;

fn ids(told: &[(Message, bool)]) -> Vec<(&str, bool)> {
    told.iter()
        .map(|(message, replayed)| (message.id.as_deref().unwrap_or_default(), *replayed))
        .collect()
}

fn since(id: &str, at_unix_ms: i64) -> Mark {
    Mark {
        id: Some(id.to_owned()),
        at_unix_ms,
    }
}

#[test]
fn the_first_start_tells_nothing_old() {
    let mut timeline = Timeline::new(None);
    timeline.hold();
    assert_eq!(timeline.live(said("3", 3_000)), Ok(None));
    let newest = said("3", 3_000);
    let history = vec![said("1", 1_000), said("2", 2_000), newest.clone()];
    let told = timeline.merge(history, Some(mark(&newest)));
    assert_eq!(ids(&told), [("3", false)]);
    assert_eq!(timeline.until(), Some(Until::mark(since("3", 3_000))));
    assert_eq!(timeline.live(said("2", 2_000)), Ok(None));
}

#[test]
fn an_empty_room_has_nothing_old_later() {
    let mut timeline = Timeline::new(None);
    timeline.hold();
    assert!(timeline.merge(Vec::new(), None).is_empty());
    let later = said("1", 1_000);
    let told = timeline.merge(vec![later.clone()], Some(mark(&later)));
    assert_eq!(ids(&told), [("1", true)]);
}

#[test]
fn a_gap_is_filled_once_and_in_order() {
    let mut timeline = Timeline::new(Some(since("1", 1_000)));
    timeline.hold();
    assert_eq!(timeline.live(said("4", 4_000)), Ok(None));
    assert_eq!(timeline.live(said("3", 3_000)), Ok(None));
    let history = vec![said("2", 2_000), said("3", 3_000)];
    let told = timeline.merge(history, Some(since("3", 3_000)));
    assert_eq!(ids(&told), [("2", true), ("3", true), ("4", false)]);
    let again = timeline.merge(
        vec![said("3", 3_000), said("4", 4_000)],
        Some(since("4", 4_000)),
    );
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn what_was_not_heard_live_is_found_by_the_next_look() {
    let mut timeline = Timeline::new(Some(since("1", 1_000)));
    timeline.hold();
    timeline.merge(Vec::new(), Some(since("1", 1_000)));
    assert!(timeline.live(said("3", 3_000)).unwrap().is_some());
    let history = vec![said("2", 2_000), said("3", 3_000)];
    assert_eq!(
        ids(&timeline.merge(history, Some(since("3", 3_000)))),
        [("2", true)]
    );
}

#[test]
fn no_more_are_held_than_may_wait() {
    let mut timeline = Timeline::new(None);
    timeline.hold();
    let all = (0..=HELD_MAX).map(|n| timeline.live(said(&n.to_string(), 0)));
    assert_eq!(all.last(), Some(Err(TooMany)));
    assert!(!timeline.has_begun());
    assert_eq!(timeline.release(7).len(), HELD_MAX);
    assert!(timeline.has_begun());
}

#[test]
fn only_the_first_look_of_a_run_goes_behind_the_mark() {
    let mut timeline = Timeline::new(Some(since("1", 1_000)));
    assert_eq!(timeline.until().map(|until| until.slack_ms), Some(SLACK_MS));
    timeline.merge(Vec::new(), Some(since("1", 1_000)));
    assert_eq!(timeline.until().map(|until| until.slack_ms), Some(0));
    let begins = Timeline::new(Some(Mark {
        id: None,
        at_unix_ms: 1_000,
    }));
    assert_eq!(begins.until().map(|until| until.slack_ms), Some(0));
}
