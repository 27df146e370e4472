//! What is no honest report: refused by name, or kept as harmless text.

use serde_json::{Value, json};

use crate::client::{World, fallen_back};

#[tokio::test]
async fn what_is_no_report_is_refused_and_nothing_is_kept() {
    let world = World::start(|_| {}).await;
    let deep = "[".repeat(30_000);
    let nested = format!(
        "{{\"version\":1,\"now\":1,\"x\":{}",
        "{\"a\":".repeat(5_000)
    );
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{}",
        &deep,
        &nested,
        "\u{0}",
        "{\"version\":2,\"now\":1}",
        "{\"version\":1,\"now\":-1}",
        "{\"version\":1,\"now\":1e400}",
        "{\"version\":1,\"now\":9007199254740992}",
        "{\"version\":1,\"now\":\"\\ud800\"}",
        "{\"version\":1,\"now\":1,\"attempts\":{}}",
        "{\"version\":1,\"now\":1,\"session\":[]}",
    ] {
        let answer = world.send(body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{body:.40} {answer:?}");
    }
    assert_eq!(world.send(&[0xff; 100]).await.status, 400);
    let large = world.send(&vec![b' '; 32_769]).await;
    assert_eq!(large.status, 413, "{large:?}");
    assert_eq!(world.store().count().unwrap(), 0);
    world
        .metric("towpath_reports_total{outcome=\"malformed\"}", 16)
        .await;
    world
        .metric("towpath_reports_total{outcome=\"too_large\"}", 1)
        .await;
}

#[tokio::test]
async fn texts_of_all_kinds_come_back_as_text() {
    let world = World::start(|_| {}).await;
    let nasty = "<script>alert(1)</script>'); DROP TABLE cases; --\u{0}\u{202e}\u{1b}[2J https://u:p@h.example/?token=secret";
    let mut report = fallen_back(&Value::Null, nasty);
    report["page"] = json!({ "user_agent": nasty, "origin": nasty, "online": true, "csp_directive": nasty, "http_version": nasty });
    report["tests"] = json!([
        { "at": 1, "test": { "test": "fetch" }, "outcome": { "outcome": "different", "detail": nasty }, "elapsed_ms": 1 }
    ]);
    report["ended"] = json!({ "outcome": nasty, "code": 1006 });
    report["attempt"] = json!("<b>");
    let answer = world.report(&report).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer
            .head
            .to_ascii_lowercase()
            .contains("content-type: application/json")
    );
    let case = world.case(&answer.code()).unwrap();
    let text = serde_json::to_string(&case).unwrap();
    assert!(text.contains("<script>"), "it stays what it was: text");
    for gone in ["\\u0000", "\u{202e}", "\\u001b", "secret", "u:p@"] {
        assert!(!text.contains(gone), "{gone:?}");
    }
    assert_eq!(world.store().count().unwrap(), 1);
}

#[tokio::test]
async fn only_pages_that_may_use_the_gateway_report() {
    let world = World::start(|_| {}).await;
    let body = fallen_back(&Value::Null, "4f9k2m").to_string();
    let path = "/echo/.towpath/report";
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let more = format!("Origin: {origin}\r\n");
        let answer = world.ask("POST", path, &more, body.as_bytes()).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert!(!answer.head.to_ascii_lowercase().contains("access-control"));
    }
    assert_eq!(world.store().count().unwrap(), 0);
    let own = format!("Origin: {}\r\n", world.origin());
    let answer = world.ask("GET", path, &own, b"").await;
    assert_eq!(answer.status, 405);
    let preflight = format!("{own}Access-Control-Request-Method: POST\r\n");
    let answer = world.ask("OPTIONS", path, &preflight, b"").await;
    assert_eq!(answer.status, 204);
    let answer = world.ask("POST", path, &own, body.as_bytes()).await;
    let head = answer.head.to_ascii_lowercase();
    assert!(head.contains("cache-control: no-store"), "{head}");
    assert!(
        head.contains(&format!("access-control-allow-origin: {}", world.origin())),
        "{head}"
    );
}

#[tokio::test]
async fn an_address_has_its_share_a_minute() {
    let world = World::start(|settings| settings.reports.per_minute = 5).await;
    let report = fallen_back(&Value::Null, "4f9k2m");
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let answer = world.report(&report).await;
        if answer.status == 429 {
            assert!(
                answer.head.to_ascii_lowercase().contains("retry-after: "),
                "{answer:?}"
            );
            assert!(answer.body.contains("reports.per_minute"), "{answer:?}");
        }
        statuses.push(answer.status);
    }
    // The turn of a minute may fall between.
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert!((5..=10).contains(&taken), "{statuses:?}");
}

#[tokio::test]
async fn where_reports_are_off_nothing_is_taken_or_made() {
    let world = World::start(|settings| settings.reports.enabled = false).await;
    let answer = world.report(&fallen_back(&Value::Null, "4f9k2m")).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!world.file.exists());
    let granted = world.session(1, "4f9k2m").await;
    assert!(!granted.report);
}

#[tokio::test]
async fn the_largest_report_is_judged_and_kept() {
    let world = World::start(|_| {}).await;
    let mut report = fallen_back(&Value::Null, "4f9k2m");
    let failed = |number: u64| {
        let transport =
            ["websocket", "stream", "sse", "poll", "plain"][usize::try_from(number % 5).unwrap()];
        json!({ "at": number * 50, "transport": transport, "opened_ms": 20, "ended_ms": 30, "end": { "end": "failed", "code": 1006, "status": 403 } })
    };
    report["attempts"] = (0..64).map(failed).collect();
    let detail = "\u{10348}".repeat(30);
    let test = |number: u64| {
        json!({ "at": number, "test": { "test": "post", "bytes": number }, "elapsed_ms": 5,
                "outcome": { "outcome": "different", "detail": detail } })
    };
    report["tests"] = (0..64).map(test).collect();
    let body = report.to_string();
    assert!((20_000..32_768).contains(&body.len()), "{}", body.len());
    for _ in 0..10 {
        let answer = world.send(body.as_bytes()).await;
        let case = world.case(&answer.code()).unwrap();
        assert_eq!(case.observations.len(), 1 + 1 + 64 + 64);
    }
}
