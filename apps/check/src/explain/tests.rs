use towpath_diagnosis::observation::HandshakeOutcome;
use towpath_diagnosis::{Fact, Verdict};

use super::*;
use crate::render::text::{Look, Text};

/// A HAR as Chromium exports one, with the given entries.
fn har(entries: &str) -> String {
    format!(
        r#"{{
  "log": {{
    "version": "1.2",
    "creator": {{ "name": "WebInspector", "version": "537.36" }},
    "pages": [{{ "startedDateTime": "2026-11-21T07:00:00.000Z", "id": "page_1", "title": "https://app.example/room" }}],
    "entries": [{entries}]
  }}
}}"#
    )
}

fn socket(status: u16, headers: &str, messages: &str) -> String {
    format!(
        r#"{{ "_resourceType": "websocket", "_webSocketMessages": [{messages}],
        "startedDateTime": "2026-11-21T07:00:01.000Z", "time": 40,
        "request": {{ "method": "GET", "url": "wss://api.example/socket?token=abcdefghij", "httpVersion": "HTTP/1.1",
            "headers": [
                {{ "name": "Upgrade", "value": "websocket" }}, {{ "name": "Origin", "value": "https://app.example" }},
                {{ "name": "Cookie", "value": "session=hunter22" }},
                {{ "name": "Sec-WebSocket-Protocol", "value": "graphql-ws" }},
                {{ "name": "Sec-WebSocket-Key", "value": "dGhlIHNhbXBsZSBub25jZQ==" }} ] }},
        "response": {{ "status": {status}, "statusText": "x", "httpVersion": "HTTP/1.1", "headers": [{headers}],
            "content": {{ "size": 0, "mimeType": "x-unknown" }}, "_error": null }},
        "timings": {{ "wait": 33.3 }} }}"#
    )
}

const ACCEPTED: &str = r#"{ "name": "Upgrade", "value": "websocket" }, { "name": "Connection", "value": "Upgrade" },
    { "name": "Sec-WebSocket-Accept", "value": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
    { "name": "Sec-WebSocket-Protocol", "value": "graphql-ws" }"#;

const MESSAGES: &str = r#"{ "type": "send", "time": 1795244401.5, "opcode": 1, "data": "{\"type\":\"connection_init\"}" },
    { "type": "receive", "time": 1795244401.6, "opcode": 1, "data": "{\"type\":\"connection_ack\"}" }"#;

fn explained(text: &str) -> Explained {
    parse("file", text, None).unwrap_or_else(|error| panic!("{error}"))
}

fn problem(text: &str) -> String {
    parse("file", text, None)
        .expect_err("this should be refused")
        .to_string()
}

#[test]
fn an_open_socket_in_a_har_is_healthy() {
    let report = explained(&har(&socket(101, ACCEPTED, MESSAGES))).report;
    assert_eq!(
        report.diagnosis.verdict,
        Verdict::Healthy,
        "{:?}",
        report.diagnosis.findings
    );
    let target = report.target().unwrap();
    assert_eq!(target.subprotocols, ["graphql-ws"]);
    assert_eq!(target.origin.as_deref(), Some("https://app.example"));
    let kinds: Vec<&str> = report
        .observations
        .iter()
        .map(|one| match &one.fact {
            Fact::Target(_) => "target",
            Fact::Handshake(_) => "handshake",
            Fact::Browser(_) => "browser",
            Fact::Conversation(_) => "conversation",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["target", "handshake", "browser", "conversation"]);
}

#[test]
fn secrets_of_a_har_stay_in_it() {
    let report = explained(&har(&socket(403, "", ""))).report;
    let text = serde_json::to_string(&report).unwrap();
    assert!(
        !text.contains("hunter22") && !text.contains("abcdefghij"),
        "{text}"
    );
}

#[test]
fn a_refused_handshake_in_a_har_is_a_fault_or_a_doubt() {
    let report = explained(&har(&socket(403, "", ""))).report;
    assert_ne!(report.diagnosis.verdict, Verdict::Healthy);
}

#[test]
fn a_blocking_extension_is_named_from_a_har() {
    let entry = socket(0, "", "").replace(
        "\"_error\": null",
        "\"_error\": \"net::ERR_BLOCKED_BY_CLIENT\"",
    );
    let report = explained(&har(&entry)).report;
    assert_eq!(report.diagnosis.findings[0].cause, "page-extension");
}

#[test]
fn the_failing_socket_is_chosen_and_others_are_mentioned() {
    let entries = [
        socket(101, ACCEPTED, "").replace("/socket", "/good"),
        socket(403, "", "").replace("/socket", "/bad"),
    ];
    let text = har(&entries.join(","));
    let chosen = explained(&text);
    assert!(chosen.report.target().unwrap().path.starts_with("/bad"));
    assert!(chosen.note.unwrap().contains("2 WebSockets"));
    let wanted = parse("file", &text, Some("/good")).unwrap();
    assert!(wanted.report.target().unwrap().path.starts_with("/good"));
    assert_eq!(wanted.note, None);
    let none = parse("file", &text, Some("/other")).expect_err("no such address");
    assert!(none.to_string().contains("/other"));
}

#[test]
fn a_har_without_websockets_says_how_to_record_one() {
    let page = r#"{ "request": { "method": "GET", "url": "https://app.example/" }, "response": { "status": 200 } }"#;
    let message = problem(&har(page));
    assert!(message.contains("no WebSocket (1 other"), "{message}");
    assert!(message.contains("developer tools"), "{message}");
}

#[test]
fn ordinary_requests_of_the_same_host_are_controls() {
    let page = r#"{ "request": { "method": "GET", "url": "https://api.example/" }, "response": { "status": 200 } }"#;
    let other = page.replace("api.", "cdn.");
    let text = har(&format!("{page},{other},{}", socket(403, "", "")));
    let exchanges = explained(&text)
        .report
        .observations
        .into_iter()
        .filter(|one| matches!(one.fact, Fact::Exchange(_)));
    assert_eq!(exchanges.count(), 1);
}

#[test]
fn broken_files_are_refused_with_a_reason() {
    let whole = har(&socket(403, "", ""));
    assert!(problem(&whole[..whole.len() - 10]).contains("cut off"));
    assert!(problem("\u{0}\u{1}garbage").contains("not JSON"));
    assert!(problem(r#"{"log":{"entries":7}}"#).contains("expected"));
    assert!(problem(r#"{"constants":{},"events":[]}"#).contains("network log"));
}

/// A log as Chromium writes it: a line of constants, then an event a line.
fn net_log(url: &str, code: i64) -> String {
    format!(
        r#"{{"constants":{{"clientInfo":{{"name":"Chrome","version":"156.0"}},"logEventTypes":{{"REQUEST_ALIVE":1,"URL_REQUEST_START_JOB":2,"HTTP_TRANSACTION_SEND_REQUEST_HEADERS":3,"HTTP_TRANSACTION_READ_RESPONSE_HEADERS":4}},"netError":{{"ERR_NAME_NOT_RESOLVED":-105,"ERR_CONNECTION_RESET":-101,"ERR_ABORTED":-3}}}},
"events": [
{{"phase":1,"source":{{"id":7,"type":1}},"time":"1000","type":1}},
{{"params":{{"method":"GET","url":"{url}","initiator":"https://app.example"}},"phase":1,"source":{{"id":7,"type":1}},"time":"1001","type":2}},
{{"params":{{"net_error":{code}}},"phase":2,"source":{{"id":7,"type":1}},"time":"1042","type":1}},
{{"params":{{"net_error":-3}},"phase":2,"source":{{"id":8,"type":1}},"time":"1042","type":1}}]}}"#
    )
}

#[test]
fn a_name_that_does_not_resolve_is_named_from_a_network_log() {
    let report = explained(&net_log("wss://chat.example/", -105)).report;
    assert_eq!(report.diagnosis.verdict, Verdict::Fault);
    assert_eq!(report.diagnosis.findings[0].layer.as_str(), "dns");
}

#[test]
fn a_refusal_is_read_from_the_browsers_sentence() {
    let event = r#"{"params":{"message":"Error during WebSocket handshake: Unexpected response code: 403","net_error":-2},"phase":0,"source":{"id":7,"type":1},"time":"1041","type":5},"#;
    let text = net_log("wss://chat.example/", -101)
        .replace(
            "\"REQUEST_ALIVE\":1,",
            "\"REQUEST_ALIVE\":1,\"WEBSOCKET_UPGRADE_FAILURE\":5,",
        )
        .replacen(
            "{\"params\":{\"net_error\":-101}",
            &format!("{event}\n{{\"params\":{{\"net_error\":-101}}"),
            1,
        );
    let report = explained(&text).report;
    let status = report.observations.iter().find_map(|one| match &one.fact {
        Fact::Handshake(seen) => match &seen.outcome {
            HandshakeOutcome::Refused { response } => Some(response.status),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(status, Some(403), "{:#?}", report.observations);
}

#[test]
fn a_network_log_that_was_cut_off_tells_what_it_can() {
    let whole = net_log("wss://chat.example/", -105);
    let cut = &whole[..whole.len() - 40];
    assert_eq!(explained(cut).report.diagnosis.verdict, Verdict::Fault);
}

#[test]
fn a_network_log_without_websockets_says_how_to_record_one() {
    let message = problem(&net_log("https://chat.example/", -105));
    assert!(message.contains("net-export"), "{message}");
}

#[test]
fn a_pretty_printed_network_log_is_read_too() {
    let text = net_log("wss://chat.example/", -105);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(
        explained(&pretty).report.observations,
        explained(&text).report.observations
    );
}

/// What a gateway kept of a session, as its console exports it.
const CASE: &str = r#"{
  "schema_version": 1, "tool": "towpath 0.1.0", "requests": 0, "elapsed_ms": 90,
  "observations": [
    { "id": 1, "at_ms": 0, "vantage": "gateway", "fact": "target", "url": "wss://app.example/chat", "scheme": "wss",
      "host": "app.example", "port": 443, "path": "/chat", "host_is_address": false, "budget": 0, "started_unix_s": 1795000000 },
    { "id": 2, "at_ms": 2100, "vantage": "page", "fact": "page", "user_agent": "Mozilla/5.0", "origin": "https://app.example", "online": true },
    { "id": 3, "at_ms": 10, "vantage": "page", "fact": "attempt", "transport": "websocket", "opened_ms": 20, "ended_ms": 26,
      "end": { "end": "failed", "code": 1006 } },
    { "id": 4, "at_ms": 12, "vantage": "gateway", "fact": "arrival", "transport": "websocket", "network": "192.0.2.0/24", "status": 101,
      "request": { "method": "GET", "target": "/chat/.towpath/websocket", "version": "HTTP/1.1",
        "headers": [ { "name": "upgrade", "value": "websocket" }, { "name": "sec-websocket-key", "value": "" } ] } },
    { "id": 5, "at_ms": 26, "vantage": "gateway", "fact": "attachment", "transport": "websocket", "generation": 0, "attached": false,
      "used": false, "age_ms": 6, "silent_up_ms": 6, "silent_down_ms": 6, "bytes_up": 0, "bytes_down": 0, "end": { "end": "reset" } },
    { "id": 6, "at_ms": 60, "vantage": "page", "fact": "attempt", "transport": "stream", "opened_ms": 20, "proven_ms": 30, "end": { "end": "open" } },
    { "id": 7, "at_ms": 90, "vantage": "page", "fact": "page_test", "test": { "test": "fetch" }, "outcome": { "outcome": "passed" }, "elapsed_ms": 9 },
    { "id": 8, "at_ms": 90, "vantage": "gateway", "fact": "history", "network": "all", "span_ms": 1000, "clients": 0, "arrivals": [], "ends": [] }
  ],
  "diagnosis": { "verdict": "cannot_tell", "findings": [], "context": [], "open": [] }
}"#;

#[test]
fn a_case_of_a_gateway_is_judged_and_shown_like_any_report() {
    let report = explained(CASE).report;
    let first = &report.diagnosis.findings[0];
    assert_eq!(first.cause, "proxy-101-rst");
    let mut shown = Vec::new();
    let mut text = Text::new(&mut shown, Look::default(), None);
    text.ladder(&report.observations).expect("memory takes it");
    text.finish(&report).expect("memory takes it");
    let shown = String::from_utf8(shown).expect("text");
    assert!(shown.contains(&first.title), "{shown}");
    crate::har::archive(&report);
}
