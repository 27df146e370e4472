use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use towpath_diagnosis::ObservationId;
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    BrowserCapture, BrowserMessage, BrowserOutcome, Change, Connection, ConnectionOutcome,
    Environment, Failure, Handshake, HandshakeOutcome, MessageKind, RequestHead, Response, Route,
    Switched,
};

use super::*;
use crate::options::Options;
use crate::request::Request;

fn handshake(changes: Vec<Change>, status: u16) -> (Option<Question>, Fact) {
    let response = Response {
        status,
        reason: if status == 101 {
            "Switching Protocols"
        } else {
            "Forbidden"
        }
        .to_owned(),
        version: "HTTP/1.1".to_owned(),
        ..Response::default()
    };
    let outcome = if status == 101 {
        HandshakeOutcome::Switched(Box::new(Switched {
            response,
            deviations: Vec::new(),
            subprotocol: None,
            extensions: None,
        }))
    } else {
        HandshakeOutcome::Refused {
            response: Box::new(response),
        }
    };
    let fact = Fact::Handshake(Handshake {
        changes: changes.clone(),
        request: RequestHead::default(),
        route: Route::default(),
        library: None,
        issuer: None,
        outcome,
        elapsed_ms: 3,
    });
    (Some(Question::Handshake { changes }), fact)
}

fn connection(port: u16, outcome: ConnectionOutcome) -> Fact {
    Fact::Connection(Connection {
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        to_proxy: false,
        outcome,
        elapsed_ms: 1,
    })
}

fn numbered(facts: Vec<(Option<Question>, Fact)>) -> Vec<Observation> {
    (1..)
        .zip(facts)
        .map(|(number, (answers, fact))| Observation {
            id: ObservationId(number),
            at_ms: 0,
            vantage: Vantage::Cli,
            answers,
            fact,
        })
        .collect()
}

fn target() -> Fact {
    let options = Options {
        url: "ws://127.0.0.1:9/socket".to_owned(),
        subprotocols: vec!["graphql-ws".to_owned()],
        budget: 25,
        ..Options::default()
    };
    Fact::Target(Request::new(&options).unwrap().target)
}

/// Phoenix refuses a subprotocol that it does not know.
fn refused() -> Vec<Observation> {
    let environment = Fact::Environment(Environment::default());
    let name = "graphql-transport-ws".to_owned();
    numbered(vec![
        (None, target()),
        (Some(Question::Environment), environment),
        (
            Some(Question::Connect),
            connection(9, ConnectionOutcome::Connected),
        ),
        handshake(vec![], 403),
        handshake(vec![Change::WithoutSubprotocol], 101),
        handshake(vec![Change::Subprotocol { name }], 101),
    ])
}

fn drawn(observations: Vec<Observation>, look: Look) -> String {
    let mut out = Vec::new();
    let mut text = Text::new(&mut out, look, None);
    text.ladder(&observations).unwrap();
    text.finish(&Report::of(observations)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_ladder_has_its_rungs_with_variations_below() {
    let text = drawn(refused(), Look::default());
    let (ladder, _) = text.split_once("\n\nFAULT").unwrap();
    assert_eq!(
        ladder,
        "\
ws://127.0.0.1:9/socket

  ok    settings    no proxy
  ok    connection  127.0.0.1:9: connected                                  1 ms
  FAIL  handshake   403 Forbidden, empty                                    3 ms
          no subprotocol                   101 Switching Protocols          3 ms
          subprotocol graphql-transport-ws 101 Switching Protocols          3 ms"
    );
}

#[test]
fn the_first_line_after_the_ladder_is_the_verdict() {
    let text = drawn(refused(), Look::default());
    let verdict = text.lines().find(|line| line.starts_with("FAULT")).unwrap();
    assert!(verdict.starts_with("FAULT ("), "{text}");
    assert!(verdict.contains("graphql-ws"), "{verdict}");
    for part in [
        "Evidence",
        "Who must change what",
        "operator",
        "towpath causes ",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn no_line_passes_the_edge() {
    for columns in [40, 80, 100] {
        for line in drawn(refused(), Look::new(false, Some(columns))).lines() {
            assert!(line.width() <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let plain = drawn(refused(), Look::default());
    let coloured = drawn(refused(), Look::new(true, None));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn several_addresses_have_a_line_each() {
    let mut observations = numbered(vec![
        (
            Some(Question::Connect),
            connection(9, ConnectionOutcome::Connected),
        ),
        (
            Some(Question::Connect),
            connection(8, ConnectionOutcome::Failed(Failure::Refused)),
        ),
    ]);
    let lines = rung::lines(&observations, Known::default());
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].result, "1 of 2 addresses connected");
    assert_eq!(lines[2].result, "the connection was refused");
    observations.remove(1);
    assert_eq!(rung::lines(&observations, Known::default()).len(), 1);
}

#[test]
fn a_reason_is_told_once_in_the_ladder() {
    let skip = |port| Fact::NotTested {
        question: Question::ConnectPort { port },
        reason: "no time".to_owned(),
    };
    let facts = vec![(None, target()), (None, skip(1)), (None, skip(2))];
    let text = drawn(numbered(facts), Look::default());
    assert_eq!(text.matches("  skip  ").count(), 1, "{text}");
    assert!(
        text.contains("CANNOT TELL: not everything was tested (no time)"),
        "{text}"
    );
}

fn browser(outcome: BrowserOutcome, name: Option<&str>) -> (Option<Question>, Fact) {
    let message = name.map(|name| BrowserMessage {
        sent: true,
        kind: MessageKind::Text,
        bytes: 60,
        after_ms: 1,
        name: Some(name.to_owned()),
        texts_at: Vec::new(),
    });
    let fact = Fact::Browser(BrowserCapture {
        browser: "Chrome/156".to_owned(),
        page: None,
        page_substituted: false,
        request: None,
        response: None,
        cookie_names: Vec::new(),
        issuer: None,
        document: None,
        messages: message.into_iter().collect(),
        outcome,
        elapsed_ms: 5_000,
    });
    (Some(Question::Browser), fact)
}

#[test]
fn of_a_browsers_sockets_the_one_that_tells_most_is_drawn() {
    let opened = || BrowserOutcome::Opened {
        frames_received: 0,
        closed: None,
    };
    let failed = || BrowserOutcome::Failed {
        error: "net::ERR_FAILED".to_owned(),
    };
    let drawn = |facts| {
        let lines = rung::lines(&numbered(facts), Known::default());
        assert_eq!(lines.len(), 1);
        lines[0].result.clone()
    };
    let page = browser(opened(), Some("connection_init"));
    assert_eq!(
        drawn(vec![page, browser(opened(), None)]),
        "Chrome/156: opened, and the page first sends connection_init"
    );
    assert_eq!(
        drawn(vec![browser(opened(), None), browser(failed(), None)]),
        "Chrome/156: opened"
    );
    assert_eq!(
        drawn(vec![browser(failed(), None)]),
        "Chrome/156: net::ERR_FAILED"
    );
    let unavailable = BrowserOutcome::Unavailable {
        reason: "no browser was found".to_owned(),
    };
    let (question, mut nameless) = browser(unavailable, None);
    if let Fact::Browser(capture) = &mut nameless {
        capture.browser.clear();
    }
    assert_eq!(drawn(vec![(question, nameless)]), "no browser was found");
}
