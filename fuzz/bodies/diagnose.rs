//! Judging hostile answers: any refusal gets a diagnosis that cites what is there, whatever its order.

use serde_json::json;
use towpath_diagnosis::observation::{Body, Header, Response};
use towpath_diagnosis::{Observation, catalogue, diagnose};

/// Reads `data` as status, header lines, an empty line and a body, and judges a handshake that was so refused.
pub fn run(data: &[u8]) {
    let mut observations = observations(&response(data));
    let diagnosis = diagnose(&observations);
    for finding in diagnosis.findings.iter().chain(&diagnosis.context) {
        assert!(
            catalogue::find(&finding.cause).is_some(),
            "{} is not in the catalogue",
            finding.cause
        );
        assert!(
            !finding.evidence.is_empty(),
            "{} has no evidence",
            finding.cause
        );
        for evidence in &finding.evidence {
            let cited = observations
                .iter()
                .any(|observation| observation.id == evidence.observation);
            assert!(
                cited,
                "{} cites {}, which is not there",
                finding.cause, evidence.observation
            );
        }
    }
    observations.reverse();
    assert_eq!(
        diagnose(&observations),
        diagnosis,
        "the order of observations makes no difference"
    );
}

fn response(data: &[u8]) -> Response {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.trim().parse().ok())
        .unwrap_or(403);
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        Header {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        }
    };
    Response {
        status,
        version: "HTTP/1.1".to_owned(),
        headers: lines.map(header).collect(),
        body: Body {
            text: body.to_owned(),
            bytes: body.len() as u64,
            cut: false,
        },
        ..Response::default()
    }
}

/// What a check knows after its first handshake was refused and an ordinary request got the same answer.
///
/// Written as a report would have it, so that fields which older reports lack stay optional.
fn observations(response: &Response) -> Vec<Observation> {
    let request =
        json!({"method": "GET", "target": "/socket", "version": "HTTP/1.1", "headers": []});
    let facts = json!([
        {"id": 1, "at_ms": 0, "vantage": "cli", "fact": "target", "url": "ws://example.test/socket", "scheme": "ws",
         "host": "example.test", "port": 80, "path": "/socket", "host_is_address": false,
         "subprotocols": ["graphql-ws"], "budget": 25, "started_unix_s": 1_790_000_000},
        {"id": 2, "at_ms": 5, "vantage": "cli", "answers": {"question": "handshake", "changes": []}, "fact": "handshake",
         "changes": [], "request": request, "route": {}, "elapsed_ms": 4,
         "outcome": {"outcome": "refused", "response": response}},
        {"id": 3, "at_ms": 9, "vantage": "cli", "answers": {"question": "control", "path": "same"}, "fact": "exchange",
         "path": "same", "request": request, "route": {}, "elapsed_ms": 4,
         "outcome": {"outcome": "answered", "response": response}},
    ]);
    serde_json::from_value(facts).expect("the observations above are those of a report")
}
