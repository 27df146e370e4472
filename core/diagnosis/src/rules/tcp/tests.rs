//! Connections as hosts and firewalls answer them.

use crate::Confidence;
use crate::observation::{Failure, NameOutcome, Resolver, TlsOutcome};
use crate::question::Question;
use crate::rules::scene::{HOST, Scene, connection, lookup, resolution, response, server, silence};

fn connecting(scene: Scene, failure: Failure, elapsed_ms: u64) -> Scene {
    let port = scene.target.port;
    scene.on(
        Question::Connect,
        vec![connection(
            &format!("203.0.113.7:{port}"),
            false,
            Some(failure),
            elapsed_ms,
        )],
    )
}

fn web_port(scene: Scene, failure: Option<Failure>, elapsed_ms: u64) -> Scene {
    scene.on(
        Question::ConnectPort { port: 443 },
        vec![connection("203.0.113.7:443", false, failure, elapsed_ms)],
    )
}

#[test]
fn a_closed_port_is_refused() {
    for failure in [Failure::Refused, Failure::Reset] {
        assert_eq!(
            connecting(Scene::secure(), failure, 1).faults(),
            ["tcp-refused"]
        );
    }
    let beside_the_web = |refused_ms, open_ms| {
        let scene = connecting(Scene::secure().port(8443), Failure::Refused, refused_ms);
        web_port(scene, None, open_ms).faults()
    };
    assert_eq!(beside_the_web(20, 20), ["tcp-refused", "tcp-port-egress"]);
    assert_eq!(beside_the_web(0, 0), ["tcp-port-egress", "tcp-refused"]);
}

#[test]
fn a_closed_port_on_loopback_is_asked_about_once() {
    let mut scene = Scene::plain().host("127.0.0.1").port(9001).on(
        Question::Connect,
        vec![connection(
            "127.0.0.1:9001",
            false,
            Some(Failure::Refused),
            0,
        )],
    );
    assert_eq!(scene.faults(), ["tcp-refused"]);
    assert!(!scene.asked.contains(&Question::ConnectPort { port: 443 }));
}

#[test]
fn silence_on_the_usual_port_is_a_drop() {
    let mut scene = connecting(Scene::secure(), silence(), 3_000);
    assert_eq!(scene.faults(), ["tcp-drop", "tcp-ip-block"]);
}

#[test]
fn silence_on_one_port_only_is_the_port() {
    let mut scene = web_port(
        connecting(Scene::secure().port(8443), silence(), 3_000),
        None,
        20,
    );
    assert_eq!(scene.faults(), ["tcp-port-egress", "tcp-drop"]);
}

#[test]
fn a_refusal_from_nearer_than_the_host_is_the_port() {
    let mut scene = web_port(
        connecting(Scene::secure().port(8443), Failure::Refused, 1),
        None,
        40,
    );
    assert_eq!(scene.faults()[0], "tcp-port-egress");
}

#[test]
fn no_route_is_offline() {
    assert_eq!(
        connecting(Scene::secure(), Failure::Unreachable, 0).faults(),
        ["net-offline"]
    );
    let mut scene = Scene::secure()
        .on(
            Question::Resolve,
            vec![resolution(
                HOST,
                Resolver::System,
                NameOutcome::ServerFailure,
                &[],
            )],
        )
        .on(
            Question::ResolveDirect,
            vec![resolution(
                HOST,
                server("192.0.2.53"),
                NameOutcome::Other {
                    detail: "Network is unreachable (os error 101)".into(),
                },
                &[],
            )],
        );
    assert_eq!(scene.faults(), ["net-offline"]);
}

fn both_families(six: Failure) -> Scene {
    Scene::secure()
        .on(
            Question::Resolve,
            vec![lookup(HOST, &["2001:db8::7", "203.0.113.7"])],
        )
        .on(
            Question::Connect,
            vec![
                connection("[2001:db8::7]:443", false, Some(six), 3_000),
                connection("203.0.113.7:443", false, None, 12),
            ],
        )
}

#[test]
fn silent_ipv6_beside_working_ipv4_costs_time() {
    let diagnosis = both_families(silence()).check();
    assert_eq!(diagnosis.findings[0].cause, "tcp-v6-broken");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn refused_ipv6_beside_working_ipv4_is_no_fault() {
    assert!(both_families(Failure::Refused).faults().is_empty());
    assert!(both_families(Failure::Unreachable).faults().is_empty());
}

#[test]
fn silent_ipv6_stays_behind_what_really_fails() {
    let mut scene =
        both_families(silence()).handshake(|_| crate::rules::scene::refused(503, &[], ""));
    let faults = scene.faults();
    assert_eq!(faults.first().map(String::as_str), Some("http-503"));
    assert_eq!(faults.last().map(String::as_str), Some("tcp-v6-broken"));
}

#[test]
fn an_address_that_accepts_now_and_then_is_overloaded() {
    let mut scene = Scene::plain()
        .handshake(|_| crate::rules::scene::unanswered(Failure::EndOfStream))
        .control(|_| response(503, &[], ""))
        .when(|question| match question {
            Question::Handshake { changes } if changes.is_empty() => Some(vec![
                connection("203.0.113.7:80", false, Some(silence()), 3_000),
                crate::rules::scene::handshake(changes, crate::rules::scene::unanswered(silence())),
            ]),
            _ => None,
        });
    assert!(scene.faults().contains(&"tcp-backlog".to_owned()));
}

#[test]
fn a_port_that_nobody_has_open_tells_who_accepts() {
    let mut scene = Scene::secure()
        .tls(|_| TlsOutcome::Failed(silence()))
        .handshake(|_| crate::rules::scene::unanswered(silence()))
        .on(
            Question::ConnectPort { port: 9 },
            vec![connection("203.0.113.7:9", false, None, 1)],
        );
    assert_eq!(scene.faults()[0], "tcp-fake-accept");
}

#[test]
fn resets_whatever_is_sent_may_be_a_block_of_this_address() {
    let reset = || {
        crate::observation::ExchangeOutcome::Failed(crate::observation::Failed {
            stage: crate::observation::Stage::Http,
            failure: Failure::Reset,
        })
    };
    let mut scene = Scene::plain()
        .handshake(|_| crate::rules::scene::unanswered(Failure::Reset))
        .tls(|_| TlsOutcome::Failed(Failure::Reset))
        .when(move |question| match question {
            Question::Control { path, .. } => {
                let crate::observation::Fact::Exchange(mut exchange) =
                    crate::rules::scene::exchange(*path, response(200, &[], ""), None)
                else {
                    return None;
                };
                exchange.outcome = reset();
                Some(vec![crate::observation::Fact::Exchange(exchange)])
            }
            _ => None,
        });
    assert!(scene.faults().contains(&"tcp-ip-block".to_owned()));
}
