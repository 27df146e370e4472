use serde_json::json;

use super::*;
use crate::observation::Transport;

fn parse(value: &Value) -> Result<PageReport, PageReportError> {
    PageReport::parse(value.to_string().as_bytes())
}

fn whole() -> Value {
    json!({
        "version": 1,
        "session": { "token": "AAAAAAAAAAAAAAAAAAAAAA" },
        "attempt": "4f9k2m",
        "now": 5_000,
        "page": { "user_agent": "Mozilla/5.0", "origin": "https://app.example", "online": true },
        "attempts": [
            { "at": 0, "transport": "websocket", "opened_ms": 20, "ended_ms": 25, "end": { "end": "failed", "code": 1006 } },
            { "at": 2_000, "transport": "stream", "opened_ms": 30, "proven_ms": 60, "end": { "end": "open" } },
        ],
        "tests": [
            { "at": 9_000, "test": { "test": "post", "bytes": 1024 }, "outcome": { "outcome": "passed" }, "elapsed_ms": 12 },
        ],
        "ended": { "outcome": "unreachable", "code": 1006 },
        "later": { "members": ["are", "ignored"] },
    })
}

fn refused(member: &str, value: Value) -> String {
    let mut report = whole();
    report[member] = value;
    parse(&report).unwrap_err().to_string()
}

#[test]
fn a_report_becomes_facts_at_their_times() {
    let report = parse(&whole()).unwrap();
    assert_eq!(report.attempt.as_deref(), Some("4f9k2m"));
    assert!(matches!(&report.proof, Some(PageProof::Token(_))));
    assert!(!format!("{report:?}").contains("AAAA"));
    assert_eq!(report.ended.as_ref().unwrap().code, Some(1006));
    let facts = report.facts();
    let at: Vec<u64> = facts.iter().map(|(at, _)| *at).collect();
    assert_eq!(
        at,
        [5_000, 0, 2_000, 5_000],
        "nothing is later than the report itself"
    );
    assert!(
        matches!(&facts[2].1, Fact::Attempt(attempt) if attempt.transport == Transport::Stream)
    );
}

#[test]
fn the_least_report_is_one_too() {
    let report =
        parse(&json!({ "version": 1, "now": 0, "session": null, "attempts": null })).unwrap();
    assert!(report.proof.is_none() && report.facts().is_empty());
}

#[test]
fn a_wrong_member_is_named_and_not_quoted() {
    for (member, value, named) in [
        ("now", json!("evil"), "now"),
        ("now", json!(-1), "now"),
        ("now", json!(9_007_199_254_740_992_u64), "now"),
        ("session", json!("evil"), "session"),
        ("session", json!({ "token": 5 }), "session"),
        ("session", json!({ "token": "a", "check": "b" }), "session"),
        ("session", json!({ "token": "x".repeat(65) }), "session"),
        ("attempt", json!(["evil"]), "attempt"),
        ("page", json!({ "user_agent": 1 }), "page"),
        ("attempts", json!({}), "attempts"),
        ("attempts", json!(["evil"]), "attempts[0].at"),
        (
            "attempts",
            json!([{ "at": 1, "transport": "evil", "end": { "end": "open" } }]),
            "attempts[0]",
        ),
        (
            "attempts",
            json!([{ "at": 1.5, "transport": "poll", "end": { "end": "open" } }]),
            "attempts[0].at",
        ),
        (
            "attempts",
            json!([{ "at": 1, "transport": "poll", "opened_ms": 1e300, "end": { "end": "open" } }]),
            "attempts[0]",
        ),
        (
            "attempts",
            json!([{ "at": 1, "transport": "poll", "end": { "end": "failed", "code": 70_000 } }]),
            "attempts[0]",
        ),
        (
            "tests",
            json!([{ "at": 1, "test": { "test": "post", "bytes": 18_014_398_509_481_984_u64 }, "outcome": { "outcome": "passed" }, "elapsed_ms": 1 }]),
            "tests[0]",
        ),
        ("ended", json!(7), "ended"),
        ("ended", json!({ "code": -3 }), "ended.code"),
    ] {
        let told = refused(member, value);
        assert!(told.starts_with(&format!("{named}:")), "{named}: {told}");
        assert!(!told.contains("evil"), "{told}");
    }
    let told = refused("version", json!(2));
    assert!(told.starts_with("version:"), "{told}");
}

#[test]
fn there_are_limits_to_counts_and_lengths() {
    let one = whole()["attempts"][0].clone();
    let many = |count| Value::Array(vec![one.clone(); count]);
    let mut report = whole();
    report["attempts"] = many(ATTEMPTS_MAX);
    assert!(parse(&report).is_ok());
    assert!(refused("attempts", many(ATTEMPTS_MAX + 1)).contains("64"));
    let long = format!(
        "{{\"version\":1,\"now\":1,\"x\":\"{}\"}}",
        "x".repeat(REPORT_BYTES_MAX)
    );
    assert_eq!(
        PageReport::parse(long.as_bytes()),
        Err(PageReportError::TooLong)
    );
}

#[test]
fn what_is_no_report_is_refused() {
    let deep = "[".repeat(20_000);
    let deeper = format!(
        "{{\"version\":1,\"now\":1,\"x\":{}",
        "{\"a\":".repeat(5_000)
    );
    for body in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{\"version\":1,\"now\":\"\\ud800\"}",
        &deep,
        &deeper,
        "\u{0}",
    ] {
        assert_eq!(
            PageReport::parse(body.as_bytes()),
            Err(PageReportError::NoObject)
        );
    }
    assert_eq!(
        PageReport::parse(&[0xff, 0xfe]),
        Err(PageReportError::NoObject)
    );
}

#[test]
fn texts_are_made_plain() {
    let mut report = whole();
    report["page"]["user_agent"] = json!(format!("Moz\u{0}illa{}", "x".repeat(500)));
    report["page"]["origin"] = json!("https://app.example/?secret");
    report["tests"][0]["outcome"] = json!({ "outcome": "different", "detail": "https://portal.example/login?user=me \u{202e}" });
    let parsed = parse(&report).unwrap();
    let page = parsed.page.as_ref().unwrap();
    assert!(page.user_agent.starts_with("Mozilla") && page.user_agent.len() == 256);
    assert_eq!(page.origin, "https://app.example/");
    let outcome = &parsed.tests[0].1.outcome;
    let PageTestOutcome::Different { detail } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(detail, "https://portal.example/login ");
}
