use towpath_diagnosis::observation::{Attempt, AttemptEnd, Transport};
use towpath_diagnosis::{Confidence, Finding, Verdict, catalogue};
use towpath_diagnosis::{Fact, Observation, ObservationId, catalogue::Vantage, diagnose};

use super::*;
use crate::case::CaseKind;

const BOUNDS: Bounds = Bounds {
    days: 30,
    megabytes: 64,
};

fn finding(cause: &str) -> Finding {
    let known = catalogue::find(cause).unwrap();
    Finding {
        cause: cause.to_owned(),
        confidence: Confidence::Likely,
        layer: known.layer,
        title: known.title.clone(),
        summary: "as seen".to_owned(),
        evidence: Vec::new(),
        counter_evidence: Vec::new(),
        untested: Vec::new(),
        remedy: known.remedy.clone(),
    }
}

fn case(code: &str, network: &str, user: &str, causes: &[&str], at: u64) -> Case {
    let attempt = Attempt {
        transport: Transport::Websocket,
        opened_ms: Some(12),
        proven_ms: None,
        ended_ms: Some(40),
        end: AttemptEnd::Failed {
            code: Some(1006),
            status: None,
        },
    };
    let observations = vec![Observation {
        id: ObservationId(1),
        at_ms: 40,
        vantage: Vantage::Page,
        answers: None,
        fact: Fact::Attempt(attempt),
    }];
    let mut diagnosis = diagnose(&observations);
    diagnosis.findings = causes.iter().map(|cause| finding(cause)).collect();
    if !causes.is_empty() {
        diagnosis.verdict = Verdict::Fault;
    }
    Case {
        code: code.to_owned(),
        kind: CaseKind::Session,
        started_unix_ms: at,
        updated_unix_ms: at,
        network: network.to_owned(),
        user: user.to_owned(),
        browser: "Chrome 141".to_owned(),
        host: "app.example".to_owned(),
        path: "/chat".to_owned(),
        transport: "stream".to_owned(),
        from_page: true,
        observations,
        diagnosis,
    }
}

#[test]
fn a_case_comes_back_as_it_was_and_a_later_one_takes_its_place() {
    let mut store = Store::memory(BOUNDS).unwrap();
    let first = case("k3m9p2xq", "192.0.2.0/24", "u1", &["proxy-buffer"], 1_000);
    assert_eq!(store.put(&first).unwrap(), Pruned::default());
    assert_eq!(store.case("k3m9p2xq").unwrap().unwrap(), first);
    assert_eq!(store.case("K3M9P2XQ").unwrap(), None);
    let later = case("k3m9p2xq", "192.0.2.0/24", "u1", &["time-idle"], 2_000);
    let _none = store.put(&later).unwrap();
    assert_eq!(store.count().unwrap(), 1);
    assert_eq!(store.case("k3m9p2xq").unwrap().unwrap(), later);
    let ranked = store.findings(0).unwrap();
    assert_eq!(ranked.len(), 1);
    assert_eq!(ranked[0].cause, "time-idle");
}

#[test]
fn causes_are_ranked_by_users_and_not_by_cases() {
    let mut store = Store::memory(BOUNDS).unwrap();
    for (code, network, user, cause) in [
        ("a", "192.0.2.0/24", "u1", "proxy-buffer"),
        ("b", "192.0.2.0/24", "u1", "proxy-buffer"),
        ("c", "192.0.2.0/24", "u1", "proxy-buffer"),
        ("d", "192.0.2.0/24", "u2", "time-idle"),
        ("e", "198.51.100.0/24", "u3", "time-idle"),
    ] {
        let _none = store
            .put(&case(code, network, user, &[cause], 5_000))
            .unwrap();
    }
    let ranked = store.findings(0).unwrap();
    let told: Vec<_> = ranked
        .iter()
        .map(|one| (&*one.cause, one.users, one.cases, one.networks))
        .collect();
    assert_eq!(told, [("time-idle", 2, 2, 2), ("proxy-buffer", 1, 3, 1)]);
    assert!(store.findings(5_001).unwrap().is_empty());
    let networks = store.networks(0).unwrap();
    assert_eq!(networks.len(), 2);
    assert_eq!((networks[0].users, networks[0].cases), (2, 4));
    assert_eq!(networks[0].fallbacks, 4);
    assert_eq!(networks[0].causes[0].cause, "proxy-buffer");
    assert_eq!(networks[1].first_fault_unix_ms, 5_000);
}

#[test]
fn cases_are_found_by_each_part_of_the_filter() {
    let mut store = Store::memory(BOUNDS).unwrap();
    let _none = store.put(&case(
        "aaaa",
        "192.0.2.0/24",
        "u1",
        &["time-idle", "proxy-buffer"],
        10,
    ));
    let _none = store.put(&case("bbbb", "198.51.100.0/24", "u2", &[], 20));
    let codes = |filter: Filter| -> Vec<String> {
        let lines = store.cases(&filter).unwrap();
        lines.into_iter().map(|line| line.code).collect()
    };
    assert_eq!(codes(Filter::default()), ["bbbb", "aaaa"]);
    let network = Some("192.0.2.0/24".to_owned());
    assert_eq!(
        codes(Filter {
            network,
            ..Filter::default()
        }),
        ["aaaa"]
    );
    let cause = Some("proxy-buffer".to_owned());
    assert_eq!(
        codes(Filter {
            cause,
            ..Filter::default()
        }),
        ["aaaa"]
    );
    let text = Some("CHROME".to_owned());
    assert_eq!(
        codes(Filter {
            text,
            ..Filter::default()
        })
        .len(),
        2
    );
    assert_eq!(
        codes(Filter {
            since_unix_ms: 15,
            ..Filter::default()
        }),
        ["bbbb"]
    );
    assert_eq!(
        codes(Filter {
            limit: 1,
            ..Filter::default()
        }),
        ["bbbb"]
    );
    let first = &store.cases(&Filter::default()).unwrap()[1];
    assert_eq!(first.causes, ["time-idle", "proxy-buffer"]);
}

#[test]
fn text_that_looks_like_sql_is_only_text() {
    let mut store = Store::memory(BOUNDS).unwrap();
    let nasty = "'); DROP TABLE cases; -- % _ \" \\ \u{1F600}";
    let mut one = case("aaaa", nasty, nasty, &["time-idle"], 10);
    one.host = nasty.to_owned();
    one.path = nasty.to_owned();
    one.browser = nasty.to_owned();
    one.transport = nasty.to_owned();
    let _none = store.put(&one).unwrap();
    assert_eq!(store.case("aaaa").unwrap().unwrap(), one);
    assert_eq!(store.case(nasty).unwrap(), None);
    let filter = Filter {
        network: Some(nasty.to_owned()),
        text: Some("drop table".to_owned()),
        ..Filter::default()
    };
    assert_eq!(store.cases(&filter).unwrap().len(), 1);
    let text = Some("%".to_owned());
    let percent = store.cases(&Filter {
        text,
        ..Filter::default()
    });
    assert_eq!(percent.unwrap().len(), 1);
    let cause = Some(nasty.to_owned());
    assert!(
        store
            .cases(&Filter {
                cause,
                ..Filter::default()
            })
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.count().unwrap(), 1);
}

#[test]
fn counts_add_up_and_become_coarse_with_age() {
    let mut store = Store::memory(BOUNDS).unwrap();
    let tally = |used, open| Tally {
        used,
        open,
        ..Tally::default()
    };
    for (second, used, open) in [(0, 1, 5), (59, 2, 3), (60, 4, 9), (899, 8, 1)] {
        let _none = store.tally(second, "stream", tally(used, open)).unwrap();
    }
    let points = store.transports(0, 60).unwrap();
    let told: Vec<_> = points
        .iter()
        .map(|one| (one.at_unix_s, one.tally.used, one.tally.open))
        .collect();
    assert_eq!(told, [(0, 3, 5), (60, 4, 9), (840, 8, 1)]);
    let _none = store.prune(3 * 24 * 3_600_000).unwrap();
    let points = store.transports(0, 60).unwrap();
    let told: Vec<_> = points
        .iter()
        .map(|one| (one.at_unix_s, one.tally.used, one.tally.open))
        .collect();
    assert_eq!(told, [(0, 15, 9)]);
    let _none = store.prune(31 * 24 * 3_600_000).unwrap();
    assert!(store.transports(0, 60).unwrap().is_empty());
}

#[test]
fn the_oldest_go_by_age() {
    let mut store = Store::memory(Bounds {
        days: 1,
        megabytes: 1,
    })
    .unwrap();
    let day = 24 * 3_600_000;
    let _none = store.put(&case("old", "", "u", &["time-idle"], 0)).unwrap();
    let _none = store
        .put(&case("new", "", "u", &["time-idle"], day))
        .unwrap();
    assert_eq!(
        store.prune(day + 1).unwrap(),
        Pruned {
            by_age: 1,
            by_size: 0
        }
    );
    assert_eq!(store.case("old").unwrap(), None);
    assert_eq!(store.findings(0).unwrap()[0].cases, 1);
}

#[test]
fn a_case_beyond_all_measure_is_refused() {
    let mut store = Store::memory(BOUNDS).unwrap();
    let mut large = case("large", "", "u", &["time-idle"], 0);
    large.diagnosis.findings[0].summary = "x".repeat(CASE_BYTES_MAX);
    assert!(matches!(
        store.put(&large),
        Err(StoreError::TooLarge { .. })
    ));
    assert_eq!(store.count().unwrap(), 0);
}

#[test]
fn all_cases_come_out_in_parts() {
    let mut store = Store::memory(BOUNDS).unwrap();
    for number in 0..7 {
        let _none = store
            .put(&case(&format!("c{number}"), "", "u", &[], 1))
            .unwrap();
    }
    let (mut place, mut codes) = (0, Vec::new());
    loop {
        let (next, cases) = store.after(place, 3).unwrap();
        if cases.is_empty() {
            break;
        }
        assert!(cases.len() <= 3);
        place = next;
        codes.extend(cases.into_iter().map(|case| case.code));
    }
    assert_eq!(codes, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
}

#[test]
fn networks_that_fail_are_counted_by_proven_cases_alone() {
    let mut store = Store::memory(BOUNDS).unwrap();
    for (code, network, causes) in [
        ("aaaaaaa1", "192.0.2.0/24", &["proxy-101-rst"][..]),
        ("aaaaaaa2", "192.0.2.0/24", &["proxy-101-rst"]),
        ("aaaaaaa3", "198.51.100.0/24", &[]),
        ("aaaaaaa4", "all", &["time-reload"]),
    ] {
        let _ = store.put(&case(code, network, "u", causes, 1_000)).unwrap();
    }
    let forged = case("aaaaaaa5", "203.0.113.0/24", "u", &["proxy-101-rst"], 1_000);
    let _ = store.put_unproven(&forged).unwrap();
    assert_eq!(store.networks_failing(0, "all").unwrap(), 1);
    assert_eq!(store.networks_failing(2_000, "all").unwrap(), 0);
}
