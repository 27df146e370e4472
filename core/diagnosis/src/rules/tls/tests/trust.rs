//! Chains and who stands behind them.

use crate::Confidence;
use crate::observation::{
    Certificate, ChainVerdict, ControlPath, Environment, TlsOutcome, TlsVariation,
};
use crate::question::Question;
use crate::rules::scene::{
    HOST, NOW, Scene, authority, certificate, exchange, judged, public, response, trusted, unknown,
    verdicts,
};
use crate::rules::tls::interception::CONTROL_NAME;

fn control() -> TlsVariation {
    TlsVariation::ServerName {
        name: CONTROL_NAME.into(),
    }
}

fn for_control(mut leaf: Certificate) -> Certificate {
    leaf.names = vec![CONTROL_NAME.into()];
    leaf.sha256 = "made for the control".into();
    leaf
}

fn self_signed() -> Certificate {
    Certificate {
        self_issued: true,
        ..certificate(&format!("CN={HOST}"), "own")
    }
}

fn unknown_or(
    leaf: Certificate,
    other: impl Fn(&TlsVariation) -> Option<TlsOutcome> + 'static,
) -> Scene {
    Scene::secure()
        .tls(move |variation| other(variation).unwrap_or_else(|| unknown(vec![leaf.clone()])))
}

#[test]
fn a_public_certificate_raises_no_question() {
    let mut scene = Scene::secure().proxy("http://proxy.example:3128");
    let diagnosis = scene.check();
    assert!(diagnosis.findings.is_empty());
    assert!(diagnosis.context.is_empty());
    assert!(!scene.asked.contains(&Question::Tls(TlsVariation::Direct)));
}

#[test]
fn a_self_signed_certificate_is_the_servers_own_choice() {
    let mut scene = unknown_or(self_signed(), |_| None);
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "tls-private-ca");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
    assert!(!scene.asked.contains(&Question::Tls(control())));
}

#[test]
fn a_private_root_sent_along_is_private_once_nobody_makes_certificates_to_order() {
    let chain = vec![
        certificate("CN=Acme Root", "leaf"),
        authority("CN=Acme Root"),
    ];
    let mut scene = Scene::secure().tls(move |_| unknown(chain.clone()));
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "tls-private-ca");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_certificate_made_to_order_is_interception() {
    let leaf = certificate("CN=Example Root 7", "leaf");
    let minted = for_control(leaf.clone());
    let mut scene = unknown_or(leaf, move |variation| {
        (*variation == control()).then(|| unknown(vec![minted.clone()]))
    });
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "tls-intercept-untrusted");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn an_issuer_that_names_a_product_is_interception() {
    let mut scene = unknown_or(certificate("CN=mitmproxy, O=mitmproxy", "leaf"), |_| None);
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "tls-intercept-untrusted");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
    assert_eq!(diagnosis.findings[1].cause, "endpoint-devproxy");
}

#[test]
fn an_antivirus_is_named_as_such() {
    let leaf = certificate("CN=Avast Web/Mail Shield Root, O=Avast", "leaf");
    let diagnosis = unknown_or(leaf, |_| None).check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "av-webshield");
}

#[test]
fn another_certificate_past_the_proxy_is_interception() {
    let leaf = certificate("CN=Example Root 7", "leaf");
    let mut scene = unknown_or(leaf, |variation| {
        (*variation == TlsVariation::Direct).then(|| trusted(public()))
    })
    .proxy("http://proxy.example:3128");
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "tls-intercept-untrusted");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn the_same_certificate_past_the_proxy_is_the_servers() {
    let mut scene = unknown_or(certificate("CN=Example Root 7", "leaf"), |_| None)
        .proxy("http://proxy.example:3128");
    assert_eq!(scene.faults()[0], "tls-private-ca");
}

#[test]
fn the_key_of_the_authority_in_the_leaf_is_a_sign_of_a_proxy() {
    let mut leaf = certificate("CN=Example Root 7", "leaf");
    leaf.spki_sha256 = "one key".into();
    let mut above = authority("CN=Example Root 7");
    above.spki_sha256 = "one key".into();
    let mut scene = Scene::secure().tls(move |_| unknown(vec![leaf.clone(), above.clone()]));
    assert_eq!(scene.faults()[0], "tls-intercept-untrusted");
}

#[test]
fn a_public_certificate_without_its_intermediate_is_incomplete() {
    let leaf = Certificate {
        has_scts: true,
        ..public()
    };
    let diagnosis = unknown_or(leaf, |_| None).check();
    assert_eq!(diagnosis.findings[0].cause, "tls-chain-incomplete");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

fn given(leaf: Certificate, verdict: ChainVerdict, root: &'static str) -> TlsOutcome {
    judged(
        vec![leaf],
        verdicts(
            ChainVerdict::UnknownIssuer,
            ChainVerdict::UnknownIssuer,
            Some((verdict, root)),
        ),
    )
}

#[test]
fn a_given_root_and_a_missing_intermediate_are_an_incomplete_chain() {
    let mut scene = Scene::secure().given_authorities().tls(|_| {
        given(
            certificate("CN=Test Intermediate CA", "leaf"),
            ChainVerdict::UnknownIssuer,
            "CN=Test Root CA",
        )
    });
    assert_eq!(scene.faults()[0], "tls-chain-incomplete");
}

#[test]
fn another_given_root_is_a_private_authority() {
    let mut scene = Scene::secure().given_authorities().tls(|_| {
        given(
            certificate("CN=Harbour CA", "leaf"),
            ChainVerdict::UnknownIssuer,
            "CN=Other CA",
        )
    });
    assert_eq!(scene.faults(), ["tls-private-ca"]);
}

#[test]
fn a_given_private_authority_is_neither_fault_nor_interception() {
    for name in ["CN=Harbour CA", "CN=Reverse Proxy CA"] {
        let mut scene = Scene::secure()
            .given_authorities()
            .tls(move |_| given(certificate(name, "leaf"), ChainVerdict::Trusted, name));
        let diagnosis = scene.check();
        assert!(diagnosis.findings.is_empty());
        assert!(diagnosis.context.is_empty(), "{:?}", diagnosis.context);
    }
}

#[test]
fn an_inspecting_proxy_that_works_is_context() {
    let mut scene = Scene::secure().given_authorities().tls(|_| {
        given(
            certificate("CN=mitmproxy, O=mitmproxy", "leaf"),
            ChainVerdict::Trusted,
            "CN=mitmproxy, O=mitmproxy",
        )
    });
    let diagnosis = scene.check();
    assert!(diagnosis.findings.is_empty());
    assert_eq!(diagnosis.context[0].cause, "tls-intercept-trusted");
}

#[test]
fn a_working_tunnel_to_a_private_authority_is_no_interception() {
    let mut scene = Scene::secure()
        .given_authorities()
        .proxy("http://proxy.example:3128")
        .tls(|_| {
            given(
                certificate("CN=Harbour CA", "leaf"),
                ChainVerdict::Trusted,
                "CN=Harbour CA",
            )
        });
    let diagnosis = scene.check();
    assert!(diagnosis.findings.is_empty());
    assert!(diagnosis.context.is_empty());
}

fn out_of_time(verdict: ChainVerdict, not_before: i64, not_after: i64) -> Scene {
    let leaf = Certificate {
        not_before_unix_s: not_before,
        not_after_unix_s: not_after,
        ..public()
    };
    Scene::secure().tls(move |_| {
        judged(
            vec![leaf.clone()],
            verdicts(verdict.clone(), verdict.clone(), None),
        )
    })
}

fn clock(scene: Scene, offset: i64) -> Scene {
    scene.on(
        Question::Control {
            path: ControlPath::Root,
            plain: true,
        },
        vec![exchange(
            ControlPath::Root,
            response(301, &[], ""),
            Some(offset),
        )],
    )
}

#[test]
fn an_expired_certificate_is_certain_once_a_second_clock_agrees() {
    let scene = || out_of_time(ChainVerdict::Expired, NOW - 9_000_000, NOW - 86_400);
    assert_eq!(scene().faults()[0], "tls-expired");
    let diagnosis = clock(scene(), 2).check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_certificate_valid_by_the_second_clock_is_a_wrong_clock_here() {
    let expired = out_of_time(ChainVerdict::Expired, NOW - 9_000_000, NOW - 86_400);
    assert_eq!(clock(expired, -864_000).faults(), ["tls-clock-skew"]);
    let early = out_of_time(ChainVerdict::NotYetValid, NOW + 86_400, NOW + 9_000_000);
    assert_eq!(
        {
            let mut early = early;
            early.faults()
        },
        ["tls-clock-skew"]
    );
}

#[test]
fn a_certificate_for_another_name_is_a_mismatch() {
    let leaf = Certificate {
        names: vec!["other.example.com".into()],
        ..public()
    };
    let diagnosis = Scene::secure()
        .tls(move |_| {
            judged(
                vec![leaf.clone()],
                verdicts(ChainVerdict::WrongName, ChainVerdict::WrongName, None),
            )
        })
        .check();
    assert_eq!(diagnosis.findings[0].cause, "tls-name-mismatch");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
    assert!(diagnosis.findings[0].summary.contains("other.example.com"));
}

#[test]
fn a_hosts_file_makes_a_mismatch_less_sure() {
    let environment = Environment {
        hosts_file: vec!["198.51.100.9".into()],
        ..Environment::default()
    };
    let mut scene = Scene::secure().environment(environment).tls(|_| {
        judged(
            vec![public()],
            verdicts(ChainVerdict::WrongName, ChainVerdict::WrongName, None),
        )
    });
    assert_eq!(scene.faults()[0], "tls-name-mismatch");
    assert!(scene.asked.contains(&Question::ResolveDirect));
}

#[test]
fn a_revoked_certificate_is_named() {
    let mut scene = Scene::secure().tls(|_| {
        judged(
            vec![public()],
            verdicts(ChainVerdict::Revoked, ChainVerdict::Revoked, None),
        )
    });
    assert_eq!(scene.faults(), ["tls-revoked"]);
}
