//! The device itself: its limits and its tools.

use crate::observation::ChainVerdict;
use crate::observation::{Environment, Failure, ProxySetting, TlsOutcome};
use crate::question::Question;
use crate::rules::scene::{Scene, certificate, connection, judged, refused, verdicts};

fn connecting(failure: Failure) -> Scene {
    Scene::secure().on(
        Question::Connect,
        vec![connection("203.0.113.7:443", false, Some(failure), 0)],
    )
}

#[test]
fn what_the_system_forbids_is_the_devices_own_doing() {
    assert_eq!(
        connecting(Failure::Forbidden).faults(),
        ["endpoint-firewall"]
    );
}

#[test]
fn a_machine_without_sockets_sends_nothing() {
    assert_eq!(
        connecting(Failure::LocalLimit).faults(),
        ["client-fd-exhausted"]
    );
}

#[test]
fn a_proxy_on_this_machine_that_is_gone_is_a_tool_left_on() {
    let environment = Environment {
        proxies: vec![ProxySetting {
            source: "HTTPS_PROXY".into(),
            proxy: "http://127.0.0.1:8888".into(),
            used: true,
        }],
        ..Environment::default()
    };
    let mut scene = Scene::secure()
        .proxy("http://127.0.0.1:8888")
        .environment(environment)
        .on(
            Question::Connect,
            vec![connection(
                "127.0.0.1:8888",
                true,
                Some(Failure::Refused),
                0,
            )],
        );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "endpoint-devproxy");
    assert!(diagnosis.findings[0].summary.contains("HTTPS_PROXY"));
}

#[test]
fn a_proxy_elsewhere_that_is_gone_is_refused() {
    let mut scene = Scene::secure().proxy("http://192.0.2.8:3128").on(
        Question::Connect,
        vec![connection(
            "192.0.2.8:3128",
            true,
            Some(Failure::Refused),
            4,
        )],
    );
    assert_eq!(scene.faults(), ["tcp-refused"]);
}

fn antivirus() -> TlsOutcome {
    judged(
        vec![certificate("CN=ESET SSL Filter CA, O=ESET", "leaf")],
        verdicts(ChainVerdict::Trusted, ChainVerdict::UnknownIssuer, None),
    )
}

#[test]
fn an_antivirus_that_works_is_context() {
    let diagnosis = Scene::secure().tls(|_| antivirus()).check();
    assert!(diagnosis.findings.is_empty());
    assert_eq!(diagnosis.context[0].cause, "tls-intercept-trusted");
}

#[test]
fn an_antivirus_that_drops_the_upgrade_is_named() {
    let mut scene = Scene::secure()
        .tls(|_| antivirus())
        .handshake(|_| refused(426, &[], "Upgrade Required"));
    assert_eq!(scene.faults()[0], "av-webshield");
}
