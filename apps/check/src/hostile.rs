//! Any text may be given to our readers of files and options: they refuse it or read it, and never panic.

use proptest::prelude::*;

use crate::{explain, har::time, options, request};

/// Texts that look right for a while, with one stretch replaced.
fn nearly(right: &'static str) -> impl Strategy<Value = String> {
    let places = 0..=right.chars().count();
    (places.clone(), places, ".{0,12}").prop_map(move |(one, other, inserted)| {
        let (from, to) = (one.min(other), one.max(other));
        let before: String = right.chars().take(from).collect();
        let after: String = right.chars().skip(to).collect();
        before + &inserted + &after
    })
}

const HAR: &str = r#"{"log":{"creator":{"name":"x","version":"1"},"pages":[{"title":"https://a.example/"}],"entries":[
{"_resourceType":"websocket","startedDateTime":"2026-11-21T07:00:01.000Z","time":4.5,"request":{"method":"GET",
"url":"wss://a.example/s?x=1","httpVersion":"HTTP/1.1","headers":[{"name":"Upgrade","value":"websocket"}]},
"response":{"status":101,"statusText":"x","headers":[],"content":{"size":0}},"timings":{"wait":3},
"_webSocketMessages":[{"type":"send","time":1795244401.5,"opcode":1,"data":"hi"}]}]}}"#;

const NET_LOG: &str = r#"{"constants":{"logEventTypes":{"URL_REQUEST_START_JOB":2,"HTTP_TRANSACTION_READ_RESPONSE_HEADERS":4},"netError":{"ERR_X":-1}},
"events": [
{"params":{"url":"wss://a.example/"},"phase":1,"source":{"id":7,"type":1},"time":"1001","type":2},
{"params":{"headers":["HTTP/1.1 403 No","Server: x"],"net_error":-1},"phase":0,"source":{"id":7,"type":1},"time":"1002","type":4}]}"#;

const REPORT: &str = r#"{"schema_version":1,"tool":"t","requests":1,"elapsed_ms":2,"cut_short":null,"observations":[
{"id":1,"at_ms":0,"vantage":"cli","fact":"environment","proxies":[]}],
"diagnosis":{"verdict":"healthy","findings":[],"context":[],"open":[]}}"#;

const CURL: &str = r#"curl "wss://a.example/s" -H $'A: \u0041\x42' -b 'c=d' --compressed ^
 -H ^"X: ^%^""#;

proptest! {
    #[test]
    fn any_file_is_explained_or_refused(
        text in prop_oneof![".{0,60}", nearly(HAR), nearly(NET_LOG), nearly(REPORT)],
    ) {
        if let Ok(explained) = explain::parse("file", &text, None) {
            crate::har::archive(&explained.report);
        }
    }

    #[test]
    fn any_request_to_compare_with_is_read_or_refused(
        text in prop_oneof![".{0,60}", nearly(CURL), nearly(HAR)],
    ) {
        request::like::parse(&text).ok();
    }

    #[test]
    fn any_option_is_read_or_refused(text in prop_oneof![".{0,40}", nearly("wss://u:p@h.example:1/p?q#f")]) {
        request::address::read(&text).ok();
        request::token::read(&text, |_| None).ok();
        request::token::in_query(&text);
        options::span_ms(&text);
        time::unix_ms(&text);
    }

    #[test]
    fn a_moment_survives_being_written(ms in 0_u64..253_402_300_800_000) {
        prop_assert_eq!(time::unix_ms(&time::iso(ms)), Some(ms));
    }
}
