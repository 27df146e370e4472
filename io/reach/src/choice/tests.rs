use serde_json::json;
use towpath_diagnosis::catalogue::{self, Vantage};
use towpath_diagnosis::{Confidence, ObservationId};

use super::means::{BROWSER, GATEWAY, UNKNOWN};
use super::*;

fn choose(symptom: Symptom, diagnosis: &Diagnosis, observations: &[Observation]) -> Choice {
    let allowed = Allowed {
        browser: true,
        page: false,
    };
    super::choose(symptom, diagnosis, observations, allowed)
}

fn diagnosis(cause: Option<&str>) -> Diagnosis {
    let finding = cause.map(|id| {
        let cause = catalogue::find(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        Finding {
            cause: cause.id.clone(),
            confidence: Confidence::Likely,
            layer: cause.layer,
            title: cause.title.clone(),
            summary: "What is the matter.".to_owned(),
            evidence: Vec::new(),
            counter_evidence: Vec::new(),
            untested: Vec::new(),
            remedy: cause.remedy.clone(),
        }
    });
    Diagnosis {
        verdict: match finding {
            Some(_) => Verdict::Fault,
            None => Verdict::CannotTell,
        },
        findings: finding.into_iter().collect(),
        context: Vec::new(),
        open: Vec::new(),
    }
}

fn saw(outcome: &BrowserOutcome) -> Vec<Observation> {
    let capture = json!({ "browser": "Chromium", "outcome": outcome, "elapsed_ms": 0 });
    vec![Observation {
        id: ObservationId(1),
        at_ms: 0,
        vantage: Vantage::Cli,
        answers: None,
        fact: Fact::Browser(serde_json::from_value(capture).expect("a capture")),
    }]
}

fn opened() -> Vec<Observation> {
    saw(&BrowserOutcome::Opened {
        frames_received: 0,
        closed: None,
    })
}

fn refused() -> Vec<Observation> {
    saw(&BrowserOutcome::Failed {
        error: "net::ERR_FAILED".to_owned(),
    })
}

const REFUSED: Symptom = Symptom::Refused(403);

#[test]
fn every_cause_in_the_table_is_one_of_the_catalogue_and_stands_once() {
    let mut all: Vec<&str> = BROWSER
        .iter()
        .chain(&GATEWAY)
        .chain(&UNKNOWN)
        .copied()
        .collect();
    for id in &all {
        assert!(catalogue::find(id).is_some(), "{id}");
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

#[test]
fn a_decision_about_the_user_is_never_got_round() {
    for cause in [
        "http-403-origin",
        "http-403-subproto",
        "http-401",
        "http-403-ip-reputation",
        "http-429",
        "http-500",
        "http-503",
        "app-auth-after-open",
        "tls-expired",
        "tls-mtls",
        "tls-intercept-untrusted",
    ] {
        for seen in [Vec::new(), opened(), refused()] {
            let choice = choose(REFUSED, &diagnosis(Some(cause)), &seen);
            let Choice::Stand(why) = choice else {
                panic!("{cause}: {choice:?}");
            };
            assert_eq!(why.finding.expect("a finding").cause, cause);
        }
    }
}

#[test]
fn a_server_that_lets_browsers_in_is_reached_by_one() {
    for cause in BROWSER {
        let choice = choose(REFUSED, &diagnosis(Some(cause)), &opened());
        assert!(matches!(choice, Choice::Browser(_)), "{cause}: {choice:?}");
        let choice = choose(REFUSED, &diagnosis(Some(cause)), &refused());
        assert!(matches!(choice, Choice::Stand(_)), "{cause}: {choice:?}");
    }
}

#[test]
fn the_line_names_what_programs_meet_and_the_finding() {
    let choice = choose(
        Symptom::Failed(Stage::Tls),
        &diagnosis(Some("tls-fingerprint-filter")),
        &opened(),
    );
    let Choice::Browser(why) = choice else {
        panic!("{choice:?}");
    };
    let expected = "the server refuses this kind of TLS client (tls-fingerprint-filter, likely)";
    assert_eq!(why.to_string(), expected);
}

#[test]
fn what_a_gateway_would_mend_says_so() {
    let choice = choose(REFUSED, &diagnosis(Some("proxy-inspect-strip")), &[]);
    let Choice::Stand(why) = choice else {
        panic!("{choice:?}");
    };
    assert!(why.sentence.ends_with("would carry it."), "{why}");
}

#[test]
fn where_no_cause_shows_a_browser_is_tried_if_programs_could_be_the_reason() {
    let nothing = diagnosis(None);
    let tried = |symptom| matches!(choose(symptom, &nothing, &[]), Choice::Browser(_));
    assert!(tried(REFUSED));
    assert!(tried(Symptom::Failed(Stage::Tls)));
    assert!(!tried(Symptom::Refused(404)));
    assert!(!tried(Symptom::Failed(Stage::Connect)));
    assert!(matches!(
        choose(REFUSED, &nothing, &refused()),
        Choice::Stand(_)
    ));
}

#[test]
fn a_missing_browser_is_said() {
    let seen = saw(&BrowserOutcome::Unavailable {
        reason: "no Chromium was found.".to_owned(),
    });
    let Choice::Stand(why) = choose(REFUSED, &diagnosis(Some("http-403-ua")), &seen) else {
        panic!("a browser that is not there was chosen");
    };
    assert!(
        why.sentence
            .ends_with("No browser could be asked: no Chromium was found."),
        "{why}"
    );
}

#[test]
fn a_cause_that_is_only_possible_does_not_hide_a_missing_browser() {
    let seen = saw(&BrowserOutcome::Unavailable {
        reason: "no Chromium was found".to_owned(),
    });
    let says_so = |confidence, symptom| {
        let mut diagnosis = diagnosis(Some("tls-wrong-port"));
        diagnosis.findings[0].confidence = confidence;
        match choose(symptom, &diagnosis, &seen) {
            Choice::Stand(why) => why.sentence.contains("No browser could be asked"),
            other => panic!("{other:?}"),
        }
    };
    let at_tls = Symptom::Failed(Stage::Tls);
    assert!(says_so(Confidence::Possible, at_tls));
    assert!(!says_so(Confidence::Likely, at_tls));
    assert!(!says_so(
        Confidence::Possible,
        Symptom::Failed(Stage::Connect)
    ));
}

#[test]
fn what_has_passed_is_tried_again() {
    let healthy = Diagnosis {
        verdict: Verdict::Healthy,
        ..diagnosis(None)
    };
    assert_eq!(choose(REFUSED, &healthy, &[]), Choice::Again);
}

#[test]
fn abbreviations_keep_their_capitals() {
    assert_eq!(lower_first("The server"), "the server");
    assert_eq!(lower_first("TLS fails"), "TLS fails");
}

#[test]
fn a_browser_that_is_not_allowed_is_not_chosen() {
    let diagnosis = diagnosis(Some("tls-fingerprint-filter"));
    let allowed = Allowed {
        browser: false,
        page: true,
    };
    let choice = super::choose(REFUSED, &diagnosis, &[], allowed);
    let Choice::Stand(why) = choice else {
        panic!("{choice:?}");
    };
    assert!(why.sentence.ends_with("the settings allow none."), "{why}");
}

#[test]
fn a_page_that_the_user_names_may_log_in() {
    let diagnosis = diagnosis(Some("http-401"));
    let chosen = |page| {
        let allowed = Allowed {
            browser: true,
            page,
        };
        super::choose(Symptom::Refused(401), &diagnosis, &[], allowed)
    };
    assert!(matches!(chosen(true), Choice::Browser(_)));
    let Choice::Stand(why) = chosen(false) else {
        panic!("a browser without a page");
    };
    assert!(why.sentence.ends_with("name it with --page."), "{why}");
}

#[test]
fn whatever_the_cause_a_browser_that_was_refused_is_not_chosen() {
    for cause in catalogue::all() {
        let diagnosis = diagnosis(Some(&cause.id));
        for symptom in [
            REFUSED,
            Symptom::Failed(Stage::Tls),
            Symptom::Failed(Stage::Http),
        ] {
            let choice = choose(symptom, &diagnosis, &refused());
            let Choice::Stand(why) = choice else {
                panic!("{}: {choice:?}", cause.id);
            };
            assert_eq!(why.finding.expect("a finding").cause, cause.id);
        }
    }
}
