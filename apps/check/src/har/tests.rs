use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    Conversation, Event, Exercise, Handshake, HandshakeOutcome, Header, MessageKind, Outcome,
    Payload, RequestHead, Response, Route, Switched,
};
use towpath_diagnosis::{Fact, Observation, ObservationId, Question};

use super::*;
use crate::options::Options;
use crate::request::Request;

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn handshake() -> Fact {
    let response = Response {
        status: 101,
        version: "HTTP/1.1".to_owned(),
        headers: vec![
            header("Upgrade", "websocket"),
            header("Connection", "Upgrade"),
            header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ],
        ..Response::default()
    };
    Fact::Handshake(Handshake {
        changes: Vec::new(),
        request: RequestHead {
            method: "GET".to_owned(),
            target: "/socket?room=1".to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![
                header("Upgrade", "websocket"),
                header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ],
        },
        route: Route::default(),
        library: None,
        issuer: None,
        outcome: HandshakeOutcome::Switched(Box::new(Switched {
            response,
            deviations: Vec::new(),
            subprotocol: None,
            extensions: None,
        })),
        elapsed_ms: 20,
    })
}

fn conversation() -> Fact {
    let sent = Payload::Sent {
        kind: MessageKind::Text,
        bytes: 5,
    };
    let received = Payload::Received {
        kind: MessageKind::Text,
        bytes: 5,
        excerpt: "hello".to_owned(),
        late: false,
    };
    Fact::Conversation(Conversation {
        socket: 1,
        changes: Vec::new(),
        exercise: Exercise::Send,
        compressed: false,
        subprotocol: None,
        http2: false,
        open_before_ms: 0,
        passed_before: 0,
        events: (0..)
            .zip([sent, received])
            .map(|(at_ms, payload)| Event { at_ms, payload })
            .collect(),
        outcome: Outcome::Answered { after_ms: 3 },
        elapsed_ms: 3,
    })
}

fn report() -> Report {
    let mut target = Request::new(&Options {
        url: "wss://host.example/socket?room=1".to_owned(),
        budget: 25,
        proxy: Some(String::new()),
        ..Options::default()
    })
    .unwrap()
    .target;
    target.started_unix_s = 1_700_000_000;
    let question = Question::Talk {
        exercises: vec![Exercise::Send],
        changes: Vec::new(),
    };
    let facts = [
        (None, Fact::Target(target)),
        (Some(question.clone()), handshake()),
        (Some(question), conversation()),
    ];
    let observations = (1..)
        .zip(facts)
        .map(|(number, (answers, fact))| Observation {
            id: ObservationId(number),
            at_ms: 100,
            vantage: Vantage::Cli,
            answers,
            fact,
        })
        .collect();
    Report::of(observations)
}

#[test]
fn a_socket_is_an_entry_with_its_messages() {
    let archive = archive(&report());
    let entries = archive["log"]["entries"].as_array().unwrap();
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(entry["_resourceType"], "websocket");
    assert_eq!(entry["request"]["url"], "wss://host.example/socket?room=1");
    assert_eq!(entry["request"]["queryString"][0]["name"], "room");
    assert_eq!(entry["response"]["status"], 101);
    assert_eq!(entry["startedDateTime"], "2023-11-14T22:13:20.080Z");
    assert_eq!(entry["_webSocketMessages"][0]["type"], "send");
    assert_eq!(entry["_webSocketMessages"][1]["data"], "hello");
}

#[test]
fn what_is_exported_can_be_explained() {
    let text = archive(&report()).to_string();
    let explained = crate::explain::parse("a.har", &text, None).unwrap().report;
    let target = explained.target().unwrap();
    assert_eq!(target.url, "wss://host.example/socket?room=1");
    assert_eq!(target.started_unix_s, 1_700_000_000);
    assert_eq!(explained.exit_status(), 0);
}

#[test]
fn the_fields_that_readers_insist_on_are_there() {
    let archive = archive(&report());
    let log = &archive["log"];
    for field in ["version", "creator", "entries"] {
        assert!(!log[field].is_null(), "{field}");
    }
    let entry = &log["entries"][0];
    for field in [
        "startedDateTime",
        "time",
        "request",
        "response",
        "cache",
        "timings",
    ] {
        assert!(!entry[field].is_null(), "{field}");
    }
    for field in [
        "method",
        "url",
        "httpVersion",
        "cookies",
        "headers",
        "queryString",
        "headersSize",
        "bodySize",
    ] {
        assert!(!entry["request"][field].is_null(), "{field}");
    }
    for field in [
        "status",
        "statusText",
        "httpVersion",
        "cookies",
        "headers",
        "content",
        "redirectURL",
    ] {
        assert!(!entry["response"][field].is_null(), "{field}");
    }
}
