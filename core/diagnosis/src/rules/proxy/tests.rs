//! Forward proxies as they answer: refusing, failing, inspecting, or doing their work.

use crate::Confidence;
use crate::observation::{
    Certificate, ChainVerdict, Change, Environment, Failure, NameOutcome, ProxyKind, ProxySetting,
    Resolver, Response, TlsOutcome, TlsVariation, Tunnel, TunnelOutcome,
};
use crate::question::Question;
use crate::rules::scene::{
    HOST, Scene, certificate, connection, handshake, judged, public, refused, resolution, response,
    silence, switched, trusted, tunnel, unknown, verdicts,
};

const PROXY: &str = "http://proxy.example:3128";
const SQUID: &[(&str, &str)] = &[
    ("Server", "origin"),
    ("X-Cache", "MISS from gate"),
    ("X-Cache-Lookup", "MISS from gate:3128"),
    ("Via", "1.1 gate (squid/5.7)"),
];

fn first(scene: &mut Scene) -> (String, Confidence) {
    let diagnosis = scene.check();
    let finding = diagnosis.findings.first().expect("a finding");
    (finding.cause.clone(), finding.confidence)
}

fn certain(cause: &str) -> (String, Confidence) {
    (cause.to_owned(), Confidence::Certain)
}

fn answer(status: u16, headers: &[(&str, &str)]) -> TunnelOutcome {
    TunnelOutcome::Refused {
        response: Box::new(response(status, headers, "")),
    }
}

/// A proxy with an answer for each port.
fn tunnels(port: u16, outcome: impl Fn(u16) -> TunnelOutcome + 'static) -> Scene {
    Scene::secure()
        .proxy(PROXY)
        .port(port)
        .when(move |question| match question {
            Question::Tunnel { port } => Some(vec![tunnel(*port, outcome(*port))]),
            _ => None,
        })
}

fn denied() -> TunnelOutcome {
    answer(403, &[("X-Squid-Error", "ERR_ACCESS_DENIED 0")])
}

#[test]
fn a_tunnel_that_works_is_no_fault() {
    let diagnosis = Scene::secure().proxy(PROXY).check();
    assert!(diagnosis.findings.is_empty());
    assert!(diagnosis.context.is_empty());
}

#[test]
fn a_denied_host_is_told_from_a_denied_port() {
    assert_eq!(
        first(&mut tunnels(443, |_| denied())),
        certain("proxy-connect-denied")
    );
    assert_eq!(
        first(&mut tunnels(8443, |_| denied())),
        certain("proxy-connect-denied")
    );
    let mut port = tunnels(8443, |port| {
        if port == 443 {
            TunnelOutcome::Established
        } else {
            denied()
        }
    });
    assert_eq!(port.faults(), ["proxy-port-denied"]);
    let closed = || answer(503, &[("X-Squid-Error", "ERR_CONNECT_FAIL 111")]);
    let mut port = tunnels(
        8443,
        move |port| if port == 443 { closed() } else { denied() },
    );
    assert_eq!(first(&mut port), certain("proxy-port-denied"));
}

#[test]
fn a_log_in_names_its_methods() {
    let wants = |scheme: &'static str| {
        tunnels(443, move |_| answer(407, &[("Proxy-Authenticate", scheme)])).check()
    };
    let basic = wants("Basic realm=\"gate\"");
    assert_eq!(basic.findings[0].cause, "proxy-auth");
    assert!(basic.findings[0].summary.contains("no credentials"));
    let negotiate = wants("Negotiate");
    assert!(negotiate.findings[0].summary.contains("does not speak"));
}

#[test]
fn rejected_credentials_are_told_from_missing_ones() {
    let mut scene = Scene::secure().proxy(PROXY).on(
        Question::Tunnel { port: 443 },
        vec![crate::observation::Fact::Tunnel(Tunnel {
            proxy: PROXY.into(),
            kind: ProxyKind::Http,
            host: HOST.into(),
            port: 443,
            credentials: true,
            outcome: answer(407, &[("Proxy-Authenticate", "Basic realm=\"gate\"")]),
            elapsed_ms: 1,
        })],
    );
    assert!(
        scene.check().findings[0]
            .summary
            .contains("does not accept")
    );
}

#[test]
fn a_proxy_that_gets_nowhere_says_why() {
    let mut scene = tunnels(443, |_| answer(503, &[("X-Squid-Error", "ERR_DNS_FAIL 0")]));
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "proxy-upstream-fail");
    assert!(diagnosis.findings[0].summary.contains("resolve"));
    let mut scene = tunnels(443, |_| TunnelOutcome::Failed(silence()));
    assert_eq!(
        first(&mut scene),
        ("proxy-upstream-fail".into(), Confidence::Likely)
    );
}

#[test]
fn socks_replies_are_told_in_words() {
    let mut scene = tunnels(443, |_| TunnelOutcome::SocksRefused {
        code: Some(2),
        meaning: "connection not allowed by ruleset".into(),
    });
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "socks-fail");
    assert!(
        diagnosis.findings[0]
            .summary
            .contains("not allowed by ruleset")
    );
}

fn unused_proxy() -> Environment {
    Environment {
        proxies: vec![ProxySetting {
            source: "HTTPS_PROXY".into(),
            proxy: PROXY.into(),
            used: false,
        }],
        ..Environment::default()
    }
}

#[test]
fn a_proxy_that_was_passed_by_is_named_where_the_direct_way_fails() {
    let mut scene = Scene::secure().environment(unused_proxy()).on(
        Question::Connect,
        vec![connection("203.0.113.7:443", false, Some(silence()), 3_000)],
    );
    assert_eq!(scene.faults()[0], "proxy-not-used");
    let mut scene = Scene::secure().environment(unused_proxy()).on(
        Question::Resolve,
        vec![resolution(
            HOST,
            Resolver::System,
            NameOutcome::ServerFailure,
            &[],
        )],
    );
    assert_eq!(scene.faults()[0], "proxy-not-used");
    assert!(
        Scene::secure()
            .environment(unused_proxy())
            .faults()
            .is_empty()
    );
}

#[test]
fn plain_websocket_through_a_transparent_proxy_loses_its_upgrade() {
    let mut scene = Scene::plain().handshake(|_| refused(426, SQUID, "Upgrade Required"));
    assert_eq!(scene.faults(), ["proxy-plain-ws"]);
    let mut scene = Scene::plain()
        .handshake(|_| refused(404, SQUID, "nothing here"))
        .control(|_| response(404, SQUID, "nothing here"));
    assert_eq!(first(&mut scene), certain("proxy-plain-ws"));
}

/// Through the proxy the certificate is its own, past it the server's.
fn inspected(
    through: impl Fn(&[Change]) -> crate::observation::HandshakeOutcome + 'static,
) -> Scene {
    Scene::secure()
        .proxy(PROXY)
        .given_authorities()
        .tls(|variation| match variation {
            TlsVariation::Direct => trusted(public()),
            _ => judged(
                vec![certificate("CN=Example Root 7", "leaf")],
                verdicts(
                    ChainVerdict::UnknownIssuer,
                    ChainVerdict::UnknownIssuer,
                    Some((ChainVerdict::Trusted, "CN=Example Root 7")),
                ),
            ),
        })
        .handshake(through)
}

#[test]
fn an_inspecting_proxy_that_works_is_context() {
    let diagnosis = inspected(|_| switched()).check();
    assert!(diagnosis.findings.is_empty());
    assert_eq!(diagnosis.context[0].cause, "tls-intercept-trusted");
    assert_eq!(diagnosis.context[0].confidence, Confidence::Certain);
}

#[test]
fn an_inspecting_proxy_that_drops_the_upgrade_is_named() {
    let mut scene = inspected(|_| refused(426, SQUID, "Upgrade Required"));
    assert_eq!(scene.faults(), ["proxy-inspect-strip"]);
    let mut scene = inspected(|changes| {
        if changes == [Change::Direct] {
            switched()
        } else {
            refused(404, &[], "nothing here")
        }
    })
    .control(|_| response(404, &[], "nothing here"));
    assert_eq!(first(&mut scene), certain("proxy-inspect-strip"));
}

#[test]
fn a_refusal_that_is_the_same_past_the_proxy_is_the_servers() {
    let mut scene = inspected(|_| refused(404, &[], "nothing here"))
        .control(|_| response(404, &[], "nothing here"));
    assert_eq!(scene.faults()[0], "http-404");
}

#[test]
fn a_refusal_through_a_plain_tunnel_is_the_servers() {
    let mut scene = Scene::secure()
        .proxy(PROXY)
        .handshake(|_| refused(426, &[], "Upgrade Required"));
    assert_eq!(scene.faults(), ["http-upgrade-stripped"]);
}

#[test]
fn a_rule_against_websocket_is_named() {
    let deny: &[(&str, &str)] = &[
        ("Server", "squid/5.7"),
        ("X-Squid-Error", "ERR_ACCESS_DENIED 0"),
    ];
    let mut scene = inspected(move |changes| {
        if changes == [Change::Direct] {
            switched()
        } else {
            refused(
                403,
                deny,
                "<html><title>ERROR: The requested URL could not be retrieved</title></html>",
            )
        }
    })
    .control(|_| response(426, SQUID, "Upgrade Required"));
    assert_eq!(scene.faults(), ["proxy-ws-policy"]);
    let mut scene = Scene::plain()
        .handshake(move |_| refused(403, deny, "denied"))
        .control(|_| response(200, SQUID, "hello"));
    assert_eq!(first(&mut scene), certain("proxy-ws-policy"));
}

#[test]
fn a_proxy_that_denies_everything_denies_the_host() {
    let deny: &[(&str, &str)] = &[("X-Squid-Error", "ERR_ACCESS_DENIED 0")];
    let mut scene = Scene::plain()
        .handshake(move |_| refused(403, deny, "denied"))
        .control(move |_| response(403, deny, "denied"));
    assert_eq!(first(&mut scene), certain("proxy-connect-denied"));
}

fn nowhere(_: &[Change]) -> crate::observation::HandshakeOutcome {
    refused(503, &[("X-Squid-Error", "ERR_CONNECT_FAIL 111")], "")
}

#[test]
fn an_inspecting_proxy_on_the_wrong_port_is_told_from_one_that_gets_nowhere() {
    let mut lost = inspected(|changes| {
        if changes == [Change::HostWithPort] {
            switched()
        } else {
            nowhere(changes)
        }
    })
    .port(8443);
    assert_eq!(first(&mut lost), certain("proxy-host-port"));
    let mut down = inspected(nowhere)
        .port(8443)
        .tls(|variation| match variation {
            TlsVariation::Direct => TlsOutcome::Failed(Failure::Refused),
            _ => judged(
                vec![certificate("CN=Example Root 7", "leaf")],
                verdicts(
                    ChainVerdict::UnknownIssuer,
                    ChainVerdict::UnknownIssuer,
                    Some((ChainVerdict::Trusted, "CN=Example Root 7")),
                ),
            ),
        });
    assert_eq!(first(&mut down), certain("proxy-upstream-fail"));
}

#[test]
fn an_untrusted_inspecting_proxy_is_named_first() {
    let leaf: Certificate = certificate("CN=Example Root 7", "leaf");
    let mut scene = Scene::secure()
        .proxy(PROXY)
        .tls(move |variation| match variation {
            TlsVariation::Direct => trusted(public()),
            _ => unknown(vec![leaf.clone()]),
        });
    assert_eq!(first(&mut scene), certain("tls-intercept-untrusted"));
}

#[test]
fn names_in_lower_case_count_only_beside_others() {
    let lower: &[(&str, &str)] = &[
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("via", "1.1 hop"),
    ];
    let mut scene = Scene::plain().when(move |question| match question {
        Question::Handshake { changes } if changes.is_empty() => {
            let crate::observation::HandshakeOutcome::Switched(mut switched) = switched() else {
                return None;
            };
            let Response { headers, .. } = response(101, lower, "");
            switched.response.headers = headers;
            Some(vec![handshake(
                changes,
                crate::observation::HandshakeOutcome::Switched(switched),
            )])
        }
        _ => None,
    });
    let diagnosis = scene.check();
    assert!(diagnosis.findings.is_empty());
    assert_eq!(diagnosis.context[0].cause, "proxy-hop-mangled");
}

#[test]
fn a_tunnel_that_ends_at_every_hello_is_the_work_of_the_proxy() {
    let mut scene = Scene::secure()
        .proxy(PROXY)
        .tls(|variation| match variation {
            TlsVariation::Direct => trusted(public()),
            _ => TlsOutcome::Failed(Failure::EndOfStream),
        })
        .handshake(|_| crate::rules::scene::unanswered(Failure::EndOfStream));
    assert_eq!(
        first(&mut scene),
        ("proxy-connect-denied".into(), Confidence::Likely)
    );
}

#[test]
fn tls_that_fails_behind_the_proxy_is_no_matter_of_the_port() {
    let mut scene =
        inspected(|_| refused(503, &[("X-Squid-Error", "ERR_SECURE_CONNECT_FAIL 71")], ""))
            .port(8443);
    assert_eq!(first(&mut scene), certain("proxy-upstream-fail"));
}
