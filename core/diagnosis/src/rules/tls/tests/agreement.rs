//! What the two sides have in common: versions, ciphers, protocols, client certificates.

use crate::Confidence;
use crate::observation::{
    ChainVerdict, Fact, Failure, TlsAttempt, TlsEstablished, TlsOutcome, TlsVariation,
};
use crate::question::Question;
use crate::rules::scene::{Scene, alert, public, refused, tls, trusted, unanswered, verdicts};

fn first(mut scene: Scene) -> (String, Confidence) {
    let diagnosis = scene.check();
    let finding = diagnosis.findings.first().expect("a finding");
    (finding.cause.clone(), finding.confidence)
}

fn certain(cause: &str) -> (String, Confidence) {
    (cause.to_owned(), Confidence::Certain)
}

fn agreed(version: &str, cipher: &str, group: Option<&str>) -> TlsOutcome {
    TlsOutcome::Established(Box::new(TlsEstablished {
        version: version.into(),
        cipher: cipher.into(),
        group: group.map(Into::into),
        alpn: None,
        client_certificate_requested: false,
        chain: vec![public()],
        trust: verdicts(ChainVerdict::Trusted, ChainVerdict::Trusted, None),
    }))
}

fn only(passes: TlsVariation, outcome: TlsOutcome, failure: Failure) -> Scene {
    Scene::secure().tls(move |variation| {
        if *variation == passes {
            outcome.clone()
        } else {
            TlsOutcome::Failed(failure.clone())
        }
    })
}

#[test]
fn a_server_of_tls_1_1_is_old() {
    let old = agreed("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None);
    for code in [70, 40] {
        assert_eq!(
            first(only(TlsVariation::Only11, old.clone(), alert(code))),
            certain("tls-version-old")
        );
    }
    let mut scene = Scene::secure().tls(|_| TlsOutcome::Failed(alert(70)));
    assert_eq!(scene.faults(), ["tls-version-old"]);
}

#[test]
fn old_ciphers_are_told_from_a_fingerprint() {
    let cbc = agreed("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", None);
    assert_eq!(
        first(only(TlsVariation::OpenSsl, cbc, alert(40))),
        certain("tls-cipher-mismatch")
    );
    let curve = agreed("TLSv1.3", "TLS_AES_256_GCM_SHA384", Some("secp521r1"));
    assert_eq!(
        first(only(TlsVariation::OpenSsl, curve, alert(40))),
        certain("tls-cipher-mismatch")
    );
    let modern = agreed("TLSv1.3", "TLS_AES_256_GCM_SHA384", Some("X25519"));
    assert_eq!(
        first(only(TlsVariation::OpenSsl, modern, alert(40))),
        certain("tls-fingerprint-filter")
    );
}

#[test]
fn ciphers_that_nobody_offers_any_more_are_found_by_a_wider_list() {
    let wide = agreed("TLSv1.2", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", None);
    assert_eq!(
        first(only(TlsVariation::WideCiphers, wide, alert(40))),
        certain("tls-cipher-mismatch")
    );
    let mut scene = Scene::secure().tls(|_| TlsOutcome::Failed(alert(40)));
    assert_eq!(scene.faults(), ["tls-cipher-mismatch"]);
}

fn alpn(names: &[&str]) -> TlsVariation {
    TlsVariation::Alpn {
        protocols: names.iter().map(|name| (*name).into()).collect(),
    }
}

fn choosing(protocol: &str) -> TlsOutcome {
    let TlsOutcome::Established(mut tls) = trusted(public()) else {
        unreachable!("established above")
    };
    tls.alpn = Some(protocol.into());
    TlsOutcome::Established(tls)
}

#[test]
fn a_listener_of_http_2_alone_is_named() {
    assert_eq!(
        first(only(alpn(&["h2"]), choosing("h2"), alert(120))),
        certain("http-h2-only")
    );
    assert_eq!(
        first(only(alpn(&[]), trusted(public()), alert(120))),
        certain("tls-alpn-none")
    );
    let mut scene = Scene::secure().handshake(|_| {
        refused(
            403,
            &[],
            "Unknown ALPN Protocol, expected `h2` to be available.",
        )
    });
    assert_eq!(scene.faults()[0], "http-h2-only");
}

const SETTINGS: &str = "\\x00\\x00\\x12\\x04\\x00\\x00\\x00\\x00\\x00\\x00\\x03";

fn settings() -> Failure {
    Failure::NotHttp {
        first_bytes: SETTINGS.into(),
    }
}

#[test]
fn http_2_that_was_not_offered_is_named() {
    let mut scene = Scene::secure().tls(|_| TlsOutcome::Failed(Failure::ProtocolNotOffered));
    assert_eq!(scene.faults(), ["tls-alpn-h2"]);
    let scene = Scene::secure().handshake(|_| unanswered(settings()));
    assert_eq!(first(scene), certain("tls-alpn-h2"));
    let scene = Scene::secure()
        .handshake(|_| unanswered(Failure::EndOfStream))
        .tls(|variation| {
            if *variation == alpn(&["h2"]) {
                choosing("h2")
            } else {
                trusted(public())
            }
        });
    assert_eq!(first(scene).0, "http-h2-only");
}

#[test]
fn plain_http_2_is_no_websocket_server() {
    let scene = Scene::plain().handshake(|_| unanswered(settings()));
    assert_eq!(first(scene), certain("http-h2-only"));
}

fn asking_for_a_certificate() -> TlsOutcome {
    let TlsOutcome::Established(mut tls) = trusted(public()) else {
        unreachable!("established above")
    };
    tls.client_certificate_requested = true;
    TlsOutcome::Established(tls)
}

#[test]
fn a_client_certificate_is_required_after_tls_1_3() {
    let scene = |failure: Failure| {
        Scene::secure()
            .tls(|_| asking_for_a_certificate())
            .handshake(move |_| unanswered(failure.clone()))
    };
    assert_eq!(first(scene(alert(116))), certain("tls-mtls"));
    assert_eq!(first(scene(alert(42))), certain("tls-mtls"));
    assert_eq!(first(scene(Failure::Reset)).0, "tls-mtls");
}

/// A server that asks for a certificate and then fails the handshake so, per variation.
fn asking_and_failing(failure: impl Fn(&TlsVariation) -> Failure + 'static) -> Scene {
    Scene::secure().when(move |question| match question {
        Question::Tls(variation) => {
            let Fact::Tls(attempt) = tls(variation, TlsOutcome::Failed(failure(variation))) else {
                return None;
            };
            Some(vec![Fact::Tls(TlsAttempt {
                client_certificate_requested: true,
                ..attempt
            })])
        }
        _ => None,
    })
}

#[test]
fn a_client_certificate_is_required_within_tls_1_2() {
    assert_eq!(
        first(asking_and_failing(|_| alert(40))),
        certain("tls-mtls")
    );
}

#[test]
fn a_reset_that_overtakes_the_alert_is_made_up_for() {
    let overtaken = asking_and_failing(|variation| match variation {
        TlsVariation::Ordinary => Failure::Reset,
        _ => alert(40),
    });
    assert_eq!(first(overtaken), certain("tls-mtls"));
    assert_eq!(first(asking_and_failing(|_| Failure::Reset)).0, "tls-mtls");
}

#[test]
fn a_client_certificate_is_required_over_http() {
    let scene = Scene::secure().handshake(|_| {
        refused(
            400,
            &[("Server", "nginx")],
            "<center>No required SSL certificate was sent</center>",
        )
    });
    assert_eq!(first(scene), certain("tls-mtls"));
}

#[test]
fn a_certificate_that_is_only_welcome_is_no_fault() {
    let mut scene = Scene::secure().tls(|_| asking_for_a_certificate());
    assert!(scene.faults().is_empty());
}
