use super::*;
use crate::kosmi::testing::said;

fn back_to(id: Option<&str>, at_unix_ms: i64) -> Walk {
    Walk::new(
        Some(Until::mark(Mark {
            id: id.map(str::to_owned),
            at_unix_ms,
        })),
        None,
    )
}

/// A page whose messages are said at these seconds, which are their ids.
fn page(seconds: &[i64], older: Option<&str>) -> Page {
    let said = |second: &i64| said(&second.to_string(), second * 1_000);
    let messages = seconds.iter().map(said).collect();
    Page::new(messages, Some(false), older.map(str::to_owned))
}

fn nobody(_: &Message) -> bool {
    false
}

fn next(cursor: &str) -> Step {
    Step::Page(cursor.to_owned())
}

fn ids(step: Step) -> (Vec<String>, Option<&'static str>) {
    let Step::Over(found) = step else {
        panic!("{step:?}");
    };
    let missed = found.missed;
    let ids = found.behind().into_iter().filter_map(|message| message.id);
    (ids.collect(), missed)
}

#[test]
fn it_goes_back_to_the_mark() {
    let mut walk = back_to(Some("2"), 2_000);
    assert_eq!(walk.page(page(&[4, 5], Some("c")), nobody), next("c"));
    let (ids, missed) = ids(walk.page(page(&[1, 2, 3], Some("d")), nobody));
    assert_eq!(ids, ["3", "4", "5"]);
    assert_eq!(missed, None);
}

#[test]
fn it_goes_further_where_there_is_slack() {
    let mark = Mark {
        id: Some("4".to_owned()),
        at_unix_ms: 4_000,
    };
    let mut walk = Walk::new(
        Some(Until {
            mark,
            slack_ms: 2_000,
        }),
        None,
    );
    assert_eq!(walk.page(page(&[3, 4, 5], Some("c")), nobody), next("c"));
    let (ids, missed) = ids(walk.page(page(&[1, 2], None), nobody));
    assert_eq!(ids, ["2", "3", "5"]);
    assert_eq!(missed, None);
}

#[test]
fn slack_that_the_history_does_not_hold_is_nothing_missed() {
    let mark = Mark {
        id: Some("4".to_owned()),
        at_unix_ms: 4_000,
    };
    let mut walk = Walk::new(
        Some(Until {
            mark,
            slack_ms: 600_000,
        }),
        None,
    );
    let (ids, missed) = ids(walk.page(page(&[3, 4, 5], None), nobody));
    assert_eq!(ids, ["3", "5"]);
    assert_eq!(missed, None);
}

#[test]
fn a_mark_that_was_deleted_is_found_by_its_time() {
    let mut walk = back_to(Some("gone"), 2_000);
    let (ids, missed) = ids(walk.page(page(&[1, 2, 3], None), nobody));
    assert_eq!(ids, ["2", "3"]);
    assert_eq!(missed, None);
}

#[test]
fn a_history_that_is_too_short_is_said_to_be() {
    let mut walk = back_to(Some("2"), 2_000);
    let (ids, missed) = ids(walk.page(page(&[9], None), nobody));
    assert_eq!(ids, ["9"]);
    assert!(missed.is_some_and(|why| why.contains("does not reach")));
}

#[test]
fn a_room_that_was_empty_misses_nothing() {
    let mut walk = back_to(None, 2_000);
    let (ids, missed) = ids(walk.page(page(&[9], None), nobody));
    assert_eq!(ids, ["9"]);
    assert_eq!(missed, None);
}

#[test]
fn it_ends_where_a_server_leads_in_a_circle_or_on_and_on() {
    let mut circle = back_to(Some("2"), 2_000);
    assert_eq!(circle.page(page(&[9], Some("c")), nobody), next("c"));
    assert!(matches!(
        circle.page(page(&[9], Some("c")), nobody),
        Step::Over(_)
    ));
    let mut endless = back_to(Some("2"), 2_000);
    let steps = (0..PAGES_MAX).map(|n| endless.page(page(&[9], Some(&n.to_string())), nobody));
    let (_, missed) = ids(steps.last().unwrap());
    assert!(missed.is_some());
}

#[test]
fn within_one_second_what_is_known_tells_which_way_a_page_runs() {
    let check = |came: &[&str], expect: &[&str]| {
        let page = Page::new(came.iter().map(|id| said(id, 5_000)).collect(), None, None);
        let known = |message: &Message| message.id.as_deref() == Some("known");
        let (ids, _) = ids(back_to(None, 5_000).page(page, known));
        assert_eq!(ids, expect, "{came:?}");
    };
    check(&["b", "a", "known"], &["known", "a", "b"]);
    check(&["known", "a", "b"], &["known", "a", "b"]);
    check(&["a", "b"], &["a", "b"]);
    check(&["a", "known", "b"], &["a", "known", "b"]);
}

#[test]
fn within_one_second_a_page_runs_as_the_others_do() {
    let all = |ids: &[&str]| ids.iter().map(|id| said(id, 5_000)).collect();
    let mark = Mark {
        id: Some("m".to_owned()),
        at_unix_ms: 4_000,
    };
    let mut walk = Walk::new(Some(Until::mark(mark)), None);
    let first = Page::new(all(&["d", "c"]), None, Some("1".to_owned()));
    assert_eq!(walk.page(first, nobody), next("1"));
    let second = Page::new(all(&["a", "b"]), Some(true), Some("2".to_owned()));
    assert_eq!(walk.page(second, nobody), next("2"));
    let Step::Over(found) = walk.page(Page::new(vec![said("m", 4_000)], None, None), nobody) else {
        panic!("it goes on");
    };
    assert_eq!(found.newest_first, Some(true));
    assert_eq!(ids(Step::Over(found)).0, ["a", "b", "c", "d"]);
    let mut later = Walk::new(None, Some(true));
    let step = later.page(Page::new(all(&["b", "a"]), None, None), nobody);
    assert_eq!(ids(step).0, ["a", "b"]);
}

#[test]
fn within_the_marks_second_its_place_decides() {
    let all = |ids: &[&str]| ids.iter().map(|id| said(id, 5_000)).collect();
    let mut walk = Walk::new(
        Some(Until {
            mark: Mark {
                id: Some("m".to_owned()),
                at_unix_ms: 5_000,
            },
            slack_ms: 2_000,
        }),
        None,
    );
    let step = walk.page(
        Page::new(all(&["old", "m", "new"]), Some(false), None),
        nobody,
    );
    assert_eq!(ids(step).0, ["new"]);
}
