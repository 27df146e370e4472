//! A run's report: joined with what its requests showed, under its code, for its key alone.

use std::net::SocketAddr;

use serde_json::{Value, json};
use towpath_websocket::FrameHeader;

use crate::client::{OFFER, Socket, ask, begin, gateway, get, head};

/// What a page would say to which an ordinary request came through and no WebSocket opened.
fn report(proof: &Value, attempt: &Value) -> String {
    let not_opened = json!({ "outcome": "not_opened", "after_ms": 12, "timed_out": false });
    let test = |at, test, outcome| json!({ "at": at, "test": { "test": test }, "outcome": outcome, "elapsed_ms": 12 });
    let passed = || json!({ "outcome": "passed" });
    let report = json!({
        "version": 1, "session": proof, "attempt": attempt, "now": 3000,
        "page": { "user_agent": CHROME, "origin": "http://127.0.0.1", "online": true },
        "tests": [
            test(0, "fetch", passed()),
            test(100, "socket_silent", not_opened.clone()),
            test(200, "socket_text", not_opened),
            test(300, "stream", passed()),
        ],
    });
    report.to_string()
}

async fn send(address: SocketAddr, report: &str) -> Value {
    let more = format!(
        "Origin: http://{address}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n",
        report.len()
    );
    let head = head("POST", "/.towpath/report", address, &more);
    let answer = ask(address, head + report).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_run_is_told_what_both_sides_saw_under_its_own_code() {
    let (_running, address) = gateway(|_| {}).await;
    let run = begin(address).await;
    let attempt = run["attempt"].as_str().unwrap();
    assert_eq!(
        get(address, &format!("fetch?attempt={attempt}"))
            .await
            .status,
        200
    );
    // As it arrives behind a proxy that takes `Upgrade` away.
    let target = format!("/.towpath/probe/websocket?attempt={attempt}");
    let more = format!(
        "User-Agent: {CHROME}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{OFFER}"
    );
    for _ in 0..2 {
        let stripped = ask(address, head("GET", &target, address, &more)).await;
        assert_eq!(stripped.status, 426, "{stripped:?}");
    }
    let proof = json!({ "check": run["key"] });
    let told = send(address, &report(&proof, &run["attempt"])).await;
    assert_eq!(told["code"], run["code"], "{told}");
    assert_eq!(told["verdict"], "fault", "{told}");
    assert_eq!(told["works"], json!(["stream"]));
    let cause = told["findings"][0]["cause"].as_str().unwrap();
    assert!(
        ["http-upgrade-stripped", "proxy-plain-ws"].contains(&cause),
        "{told}"
    );
    let again = send(address, &report(&proof, &run["attempt"])).await;
    assert_eq!(again["code"], run["code"]);
}

#[tokio::test]
async fn nobody_reports_for_a_run_without_its_key() {
    let (_running, address) = gateway(|_| {}).await;
    let run = begin(address).await;
    let other = begin(address).await;
    let wrong = [
        json!({ "check": "AAAAAAAAAAAAAAAAAAAAAA" }),
        json!({ "check": run["code"] }),
        json!({ "check": run["attempt"] }),
        json!({ "token": run["key"] }),
        json!({ "fresh": run["key"] }),
        Value::Null,
    ];
    for proof in &wrong {
        let told = send(address, &report(proof, &run["attempt"])).await;
        assert_ne!(told["code"], run["code"], "{proof}");
    }
    // With a key of one's own, another's attempt id is no use either.
    let proof = json!({ "check": other["key"] });
    let told = send(address, &report(&proof, &run["attempt"])).await;
    assert_eq!(told["code"], other["code"]);
}

#[tokio::test]
async fn a_run_without_a_fault_has_none() {
    let (_running, address) = gateway(|_| {}).await;
    let run = begin(address).await;
    let attempt = run["attempt"].as_str().unwrap();
    assert_eq!(
        get(address, &format!("fetch?attempt={attempt}"))
            .await
            .status,
        200
    );
    let mut socket = Socket::open(address, &format!("attempt={attempt}&mode=echo")).await;
    socket.say("hi").await;
    assert_eq!(socket.text().await, "hi");
    socket
        .frame(FrameHeader::close(2), &1000_u16.to_be_bytes())
        .await;
    assert_eq!(socket.closed().await, Some(1000));
    let report = report(&json!({ "check": run["key"] }), &run["attempt"]);
    let passed = r#"{"outcome":"passed"}"#;
    let failed = r#"{"after_ms":12,"outcome":"not_opened","timed_out":false}"#;
    assert!(report.contains(failed), "{report}");
    let told = send(address, &report.replace(failed, passed)).await;
    assert_eq!(told["verdict"], "healthy", "{told}");
    assert_eq!(told["findings"], json!([]));
}

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
