//! What the console tells.

use std::net::SocketAddr;

use serde_json::{Value, json};
use towpath_serve::start;

use crate::support::{TOKEN, ask, bearer, console, get, settings};

/// A page says that its WebSocket failed and a stream works; the code of its case.
pub(crate) async fn report(gateway: SocketAddr, host: &str) -> String {
    let report = json!({
        "version": 1, "attempt": null, "now": 400,
        "page": {"user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "origin": format!("http://{host}"), "online": true, "native_websocket": true},
        "attempts": [
            {"at": 0, "transport": "websocket", "ended_ms": 120, "end": {"end": "failed", "code": 1006}},
            {"at": 150, "transport": "stream", "opened_ms": 60, "proven_ms": 90, "end": {"end": "open"}},
        ],
        "tests": [],
    });
    let headers = format!("Host: {host}\r\nContent-Type: text/plain\r\n");
    let path = "/chat/.towpath/report";
    let answer = ask(gateway, "POST", path, &headers, &report.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let code = answer.json()["code"].as_str().unwrap().replace('-', "");
    assert_eq!(code.len(), 8);
    code
}

#[tokio::test]
async fn a_case_is_found_in_every_list_and_by_its_code_however_it_is_written() {
    let (running, address) = console().await;
    let gateway = running.addresses()[0];
    let code = report(gateway, "shop.example.com").await;
    report(gateway, "other.example.com").await;

    let list = get(address, "/api/cases").await.json();
    assert_eq!(list["cases"].as_array().unwrap().len(), 2);
    assert_eq!(list["more"], false);
    let found = get(
        address,
        "/api/cases?q=shop.example.com&network=127.0.0.0%2F24",
    )
    .await
    .json();
    assert_eq!(found["cases"][0]["code"], code);
    assert_eq!(found["cases"].as_array().unwrap().len(), 1);
    for query in ["cause=no-such-cause", "network=192.0.2.0/24", "q=nowhere"] {
        let none = get(address, &format!("/api/cases?{query}")).await.json();
        assert_eq!(none["cases"], json!([]), "{query}");
    }

    let dashed = format!("{}-{}", &code[..4], &code[4..]);
    for written in [
        code.clone(),
        dashed.to_uppercase(),
        format!("{}%20{}", &code[..4], &code[4..]),
    ] {
        let one = get(address, &format!("/api/case/{written}")).await;
        assert_eq!(one.status, 200, "{written}");
        let one = one.json();
        assert_eq!(one["case"]["code"], code);
        assert_eq!(one["case"]["from_page"], true);
        assert_eq!(one["live"], false);
        let seen = one["case"]["observations"].as_array().unwrap();
        let kinds: Vec<&str> = seen.iter().filter_map(|one| one["fact"].as_str()).collect();
        assert!(
            kinds.contains(&"attempt") && kinds.contains(&"page"),
            "{kinds:?}"
        );
        assert!(one["case"]["diagnosis"]["verdict"].is_string());
    }
    for unknown in ["zzzzzzzz", "zzz", "%27%20OR%201=1", "%3Cscript%3E"] {
        let answer = get(address, &format!("/api/case/{unknown}")).await;
        assert_eq!(answer.status, 404, "{unknown}");
        assert!(!answer.body.contains('<'));
    }
}

#[tokio::test]
async fn the_overview_has_its_shape_from_the_first_moment() {
    let (_running, address) = console().await;
    let overview = get(address, "/api/overview?hours=6").await.json();
    assert_eq!(overview["hours"], 6);
    assert_eq!(overview["step_seconds"], 300);
    for list in ["series", "findings", "networks"] {
        assert_eq!(overview[list], json!([]), "{list}");
    }
    assert_eq!(overview["users"], 0);
    for count in ["connections", "sessions", "plain"] {
        assert_eq!(overview["now"][count], 0, "{count}");
    }
}

#[tokio::test]
async fn a_network_is_told_by_its_prefix() {
    let (running, address) = console().await;
    let code = report(running.addresses()[0], "shop.example.com").await;
    for written in ["127.0.0.0/24", "127.0.0.0%2F24"] {
        let network = get(address, &format!("/api/network/{written}"))
            .await
            .json();
        assert_eq!(network["network"], "127.0.0.0/24");
        assert_eq!(network["cases"][0]["code"], code);
        assert!(network["findings"].is_array() && network["together"].is_array());
    }
    assert_eq!(
        get(address, "/api/network/shop.example.com").await.status,
        404
    );
    let all = get(address, "/api/network/all").await.json();
    assert_eq!(all["network"], "all", "cases of all networks link here");
    let empty = get(address, "/api/network/2001:db8::/48").await.json();
    assert_eq!(empty["cases"], json!([]));
}

#[tokio::test]
async fn everything_can_be_taken_home_a_case_a_line() {
    let (running, address) = console().await;
    let gateway = running.addresses()[0];
    let codes = [
        report(gateway, "a.example").await,
        report(gateway, "b.example").await,
    ];
    let export = get(address, "/export.ndjson").await;
    assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = export
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["code"].as_str())
        .collect();
    assert_eq!(told, codes);
    let har = get(address, &format!("/case/{}.har", codes[0])).await;
    assert_eq!(har.json()["log"]["version"], "1.2");
    assert_eq!(get(address, "/case/zzzzzzzz.har").await.status, 404);
}

#[tokio::test]
async fn the_glossary_holds_every_cause_with_its_remedies() {
    let (_running, address) = console().await;
    let causes = get(address, "/api/causes").await.json();
    let causes = causes.as_array().unwrap();
    assert_eq!(causes.len(), towpath_diagnosis::catalogue::all().len());
    for reader in ["user", "it", "operator"] {
        assert!(
            causes
                .iter()
                .all(|cause| cause["remedy"][reader].is_string())
        );
    }
}

#[tokio::test]
async fn where_nothing_is_kept_it_says_so() {
    let mut settings = settings();
    settings.reports.enabled = false;
    let running = start(settings).await.unwrap();
    let address = running.console_address().unwrap();
    let answer = ask(address, "GET", "/api/overview", &bearer(TOKEN), "").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("reports.enabled"), "{}", answer.body);
    assert_eq!(get(address, "/api/causes").await.status, 200);
}
