//! Entries of what page and gateway saw, each marked with its side.
//!
//! A page knows neither its own headers nor why a WebSocket failed, so these are as bare as what was seen.

use serde_json::{Value, json};

use super::{request_value, response_value, time};
use crate::observation::{Attempt, AttemptEnd, Header, RequestHead, Response, Target, Transport};
use crate::{Fact, Observation};

/// The entry of a request as it arrived, or of a page's attempt; nothing for other facts.
pub(super) fn entry(
    one: &Observation,
    origin: &str,
    target: Option<&Target>,
    started_ms: u64,
) -> Option<Value> {
    let path = target.map_or("", |target| target.path.trim_end_matches('/'));
    let (request, response, transport, elapsed_ms, error) = match &one.fact {
        Fact::Arrival(seen) => {
            let request = seen.request.clone();
            (request, answered(seen.status), seen.transport, 0, None)
        }
        Fact::Attempt(seen) => {
            let lasted = seen.ended_ms.or(seen.proven_ms).or(seen.opened_ms);
            let (response, error) = outcome(seen);
            let request = asked(seen.transport, path);
            (
                request,
                response,
                seen.transport,
                lasted.unwrap_or(0),
                error,
            )
        }
        _ => return None,
    };
    let web_origin = origin.replacen("ws", "http", 1);
    let is_socket = transport.is_websocket();
    let origin = if is_socket { origin } else { &web_origin };
    let mut entry = json!({
        "startedDateTime": time::iso(started_ms.saturating_add(one.at_ms)),
        "time": elapsed_ms,
        "request": request_value(&request, origin),
        "response": response_value(Some(&response), error.as_deref()),
        "cache": {},
        "timings": { "send": 0, "wait": elapsed_ms, "receive": 0 },
        "comment": format!("{} seen by the {}: {transport}", one.id, one.vantage),
    });
    if is_socket {
        entry["_resourceType"] = json!("websocket");
        entry["_webSocketMessages"] = json!([]);
    }
    Some(entry)
}

/// What a page asked for, as far as it is known.
fn asked(transport: Transport, path: &str) -> RequestHead {
    let target = match transport {
        Transport::Plain if path.is_empty() => "/".to_owned(),
        Transport::Plain => path.to_owned(),
        other => format!("{path}/.towpath/{other}"),
    };
    let method = if transport.is_websocket() {
        "GET"
    } else {
        "POST"
    };
    RequestHead {
        method: method.to_owned(),
        target,
        version: String::new(),
        headers: Vec::<Header>::new(),
    }
}

fn answered(status: u16) -> Response {
    Response {
        status,
        ..Response::default()
    }
}

fn outcome(attempt: &Attempt) -> (Response, Option<String>) {
    let opened = match (attempt.opened_ms, attempt.transport.is_websocket()) {
        (Some(_), true) => 101,
        (Some(_), false) => 200,
        (None, _) => 0,
    };
    let error = match &attempt.end {
        AttemptEnd::Open | AttemptEnd::Cancelled | AttemptEnd::Overtaken => None,
        AttemptEnd::Closed { .. } => None,
        AttemptEnd::Failed { code, status } => {
            let code = code.map_or(String::new(), |code| format!(", close code {code}"));
            let response = answered(status.unwrap_or(opened));
            return (response, Some(format!("failed{code}")));
        }
        AttemptEnd::Silent => Some("nothing came in the time allowed".to_owned()),
        AttemptEnd::HeldBack => Some("small chunks were held back".to_owned()),
    };
    (answered(opened), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ObservationId;
    use crate::catalogue::Vantage;
    use crate::har::archive;
    use crate::observation::{Arrival, Scheme};

    fn observation(at_ms: u64, vantage: Vantage, fact: Fact) -> Observation {
        Observation {
            id: ObservationId(1),
            at_ms,
            vantage,
            answers: None,
            fact,
        }
    }

    fn attempt(transport: Transport, opened_ms: Option<u64>, end: AttemptEnd) -> Fact {
        Fact::Attempt(Attempt {
            transport,
            opened_ms,
            proven_ms: None,
            ended_ms: Some(40),
            end,
        })
    }

    /// A WebSocket that was refused on its way, seen from both sides, and the stream behind it.
    fn both_sides() -> [Observation; 4] {
        let target = Target::watched(Scheme::Wss, "app.example", 443, "/chat");
        let failed = AttemptEnd::Failed {
            code: Some(1006),
            status: None,
        };
        let failed = attempt(Transport::Websocket, None, failed);
        let open = attempt(Transport::Stream, Some(5), AttemptEnd::Open);
        let arrival = Fact::Arrival(Arrival {
            transport: Transport::Websocket,
            request: asked(Transport::Websocket, "/chat"),
            hello: None,
            trusted_hops: 0,
            network: "192.0.2.0/24".to_owned(),
            round_trip_us: None,
            status: 426,
        });
        [
            observation(0, Vantage::Gateway, Fact::Target(target)),
            observation(10, Vantage::Page, failed),
            observation(15, Vantage::Gateway, arrival),
            observation(60, Vantage::Page, open),
        ]
    }

    #[test]
    fn both_sides_have_entries_at_their_times() {
        let archive = archive(&both_sides(), 1_000);
        let entries = archive["log"]["entries"].as_array().unwrap();
        let told: Vec<String> = entries
            .iter()
            .map(|entry| {
                let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
                let [at, url] = [&entry["startedDateTime"], &entry["request"]["url"]].map(text);
                let response = &entry["response"];
                format!(
                    "{at} {url} {} {}",
                    response["status"],
                    text(&response["_error"])
                )
            })
            .collect();
        let socket = "wss://app.example/chat/.towpath/websocket";
        assert_eq!(
            told,
            [
                format!("1970-01-01T00:00:01.010Z {socket} 0 failed, close code 1006"),
                format!("1970-01-01T00:00:01.015Z {socket} 426 -"),
                "1970-01-01T00:00:01.060Z https://app.example/chat/.towpath/stream 200 -"
                    .to_owned(),
            ]
        );
    }

    #[test]
    fn times_beyond_all_measure_do_no_harm() {
        let mut all = both_sides();
        all[1].at_ms = u64::MAX;
        let archive = archive(&all, u64::MAX);
        assert_eq!(archive["log"]["entries"].as_array().map(Vec::len), Some(3));
    }
}
