use std::net::{IpAddr, Ipv4Addr};

use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    Certificate, ChainVerdict, Handshake, HandshakeOutcome, Header, NameAnswer, NameOutcome,
    RequestHead, Resolution, Resolver, Response, Route, Switched, TlsAttempt, TlsEstablished,
    TlsLibrary, TlsOutcome, TlsVariation,
};
use towpath_diagnosis::{Fact, Observation, ObservationId, Question};

use super::*;
use crate::options::Options;
use crate::request::Request;

fn target(subprotocol: &str) -> Fact {
    let options = Options {
        url: "wss://host.example/socket".to_owned(),
        subprotocols: vec![subprotocol.to_owned()],
        proxy: Some(String::new()),
        budget: 25,
        ..Options::default()
    };
    Fact::Target(Request::new(&options).unwrap().target)
}

fn name(outcome: NameOutcome) -> (Question, Fact) {
    let fact = Fact::Resolution(Resolution {
        name: "host.example".to_owned(),
        resolver: Resolver::System,
        outcome,
        extended_errors: Vec::new(),
        elapsed_ms: 1,
    });
    (Question::Resolve, fact)
}

fn addresses() -> NameOutcome {
    NameOutcome::Addresses(NameAnswer {
        addresses: vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))],
        extended_errors: Vec::new(),
    })
}

fn tls(issuer: &str, mozilla: &ChainVerdict) -> (Question, Fact) {
    let own = Certificate {
        subject: "CN=host.example".to_owned(),
        issuer: issuer.to_owned(),
        names: vec!["host.example".to_owned()],
        not_before_unix_s: 0,
        not_after_unix_s: 1,
        sha256: String::new(),
        spki_sha256: String::new(),
        self_issued: false,
        is_authority: false,
        has_scts: true,
        issuer_urls: Vec::new(),
    };
    let outcome = serde_json::json!({
        "outcome": "established",
        "version": "TLSv1.3",
        "cipher": "x",
        "client_certificate_requested": false,
        "chain": [own],
        "trust": { "mozilla": mozilla, "accepted": true },
    });
    let established: TlsEstablished = serde_json::from_value(outcome).unwrap();
    let attempt = serde_json::json!({
        "variation": TlsVariation::Ordinary,
        "library": TlsLibrary::Rustls,
        "route": Route::default(),
        "outcome": TlsOutcome::Established(Box::new(established)),
        "elapsed_ms": 3,
    });
    let attempt: TlsAttempt = serde_json::from_value(attempt).unwrap();
    (Question::Tls(TlsVariation::Ordinary), Fact::Tls(attempt))
}

fn handshake(status: u16) -> (Question, Fact) {
    let response = Response {
        status,
        version: "HTTP/1.1".to_owned(),
        headers: vec![Header {
            name: "Server".to_owned(),
            value: "squid".to_owned(),
        }],
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
        changes: Vec::new(),
        request: RequestHead::default(),
        route: Route::default(),
        library: None,
        issuer: None,
        outcome,
        elapsed_ms: 1,
    });
    (
        Question::Handshake {
            changes: Vec::new(),
        },
        fact,
    )
}

fn report(target: Fact, answers: Vec<(Question, Fact)>) -> Report {
    let answers = answers
        .into_iter()
        .map(|(question, fact)| (Some(question), fact));
    let facts = std::iter::once((None, target)).chain(answers);
    let observations = (1..)
        .zip(facts)
        .map(|(number, (answers, fact))| Observation {
            id: ObservationId(number),
            at_ms: 0,
            vantage: Vantage::Cli,
            answers,
            fact,
        })
        .collect();
    Report::of(observations)
}

fn compare(a: &Report, b: &Report) -> Comparison {
    Comparison::new(("a.json", a), ("b.json", b))
}

#[test]
fn a_handshake_that_flips_proves_the_way() {
    let office = report(target("x"), vec![name(addresses()), handshake(403)]);
    let hotspot = report(target("x"), vec![name(addresses()), handshake(101)]);
    let comparison = compare(&office, &hotspot);
    assert_eq!(comparison.exit_status(), 1);
    assert!(
        comparison.proves[0].contains("opens from B and not from A"),
        "{:?}",
        comparison.proves
    );
    let swapped = compare(&hotspot, &office);
    assert!(
        swapped.proves[0].contains("opens from A and not from B"),
        "{:?}",
        swapped.proves
    );
    assert!(comparison.asked_differently.is_empty());
}

#[test]
fn the_lowest_flip_is_the_proof() {
    let office = report(target("x"), vec![name(NameOutcome::NoSuchName)]);
    let hotspot = report(target("x"), vec![name(addresses()), handshake(101)]);
    let comparison = compare(&office, &hotspot);
    assert!(
        comparison.proves[0].contains("DNS of A"),
        "{:?}",
        comparison.proves
    );
}

#[test]
fn two_issuers_prove_interception() {
    let office = report(
        target("x"),
        vec![
            tls("CN=Corp Proxy", &ChainVerdict::UnknownIssuer),
            handshake(101),
        ],
    );
    let hotspot = report(
        target("x"),
        vec![tls("CN=Public CA", &ChainVerdict::Trusted), handshake(101)],
    );
    let comparison = compare(&office, &hotspot);
    assert!(
        comparison.proves[0].contains("connection in A is intercepted"),
        "{:?}",
        comparison.proves
    );
    assert_eq!(comparison.exit_status(), 0);
}

#[test]
fn the_same_failure_in_both_places_clears_the_networks() {
    let one = report(target("x"), vec![handshake(403)]);
    let comparison = compare(&one, &one);
    assert_eq!(comparison.exit_status(), 0);
    assert!(
        comparison.proves[0].contains("neither network"),
        "{:?}",
        comparison.proves
    );
}

#[test]
fn different_questions_are_pointed_out() {
    let comparison = compare(
        &report(target("x"), vec![handshake(403)]),
        &report(target("y"), vec![handshake(101)]),
    );
    assert_eq!(comparison.asked_differently, ["the subprotocols"]);
    let last = comparison.proves.last().unwrap();
    assert!(last.contains("the subprotocols"), "{last}");
}

#[test]
fn a_comparison_can_be_read() {
    let office = report(target("x"), vec![name(addresses()), handshake(403)]);
    let hotspot = report(target("x"), vec![name(addresses()), handshake(101)]);
    let comparison = compare(&office, &hotspot);
    let look = crate::render::text::Look::default();
    let text = crate::render::comparison::text(&comparison, look);
    assert!(text.contains("* handshake"), "{text}");
    assert!(text.contains("  name"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}
