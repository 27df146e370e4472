//! Name resolution as resolvers answer it.

use crate::Confidence;
use crate::observation::{Change, Environment, Fact, Failure, NameOutcome, Resolver, TlsVariation};
use crate::question::Question;
use crate::rules::scene::{
    HOST, Scene, addresses_of, connection, handshake, lookup, resolution, server, silence, switched,
};

fn unresolved(outcome: NameOutcome) -> Scene {
    Scene::secure().on(
        Question::Resolve,
        vec![resolution(HOST, Resolver::System, outcome, &[])],
    )
}

fn directly(scene: Scene, answers: Vec<Fact>) -> Scene {
    scene.on(Question::ResolveDirect, answers)
}

fn said(address: &str, outcome: NameOutcome, errors: &[u16]) -> Fact {
    resolution(HOST, server(address), outcome, errors)
}

#[test]
fn a_healthy_lookup_is_no_fault() {
    let mut scene = Scene::secure();
    assert!(scene.faults().is_empty());
    assert!(!scene.asked.contains(&Question::ResolveDirect));
}

#[test]
fn a_name_that_nobody_knows_does_not_exist() {
    let mut scene = directly(
        unresolved(NameOutcome::NoSuchName),
        vec![said("192.0.2.53", NameOutcome::NoSuchName, &[])],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "dns-nxdomain");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Likely);
    assert_eq!(diagnosis.findings[0].evidence.len(), 2);
}

#[test]
fn a_name_that_cannot_exist_is_certain() {
    let mut scene = Scene::secure().host("no.invalid").on(
        Question::Resolve,
        vec![resolution(
            "no.invalid",
            Resolver::System,
            NameOutcome::NoSuchName,
            &[],
        )],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "dns-nxdomain");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_resolver_that_says_blocked_is_a_filter() {
    let mut scene = directly(
        unresolved(NameOutcome::NoSuchName),
        vec![said("192.0.2.53", NameOutcome::NoSuchName, &[15])],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "dns-filtered");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn nobodys_address_is_a_filter() {
    let mut scene = Scene::secure()
        .on(Question::Resolve, vec![lookup(HOST, &["0.0.0.0"])])
        .on(
            Question::Connect,
            vec![connection("0.0.0.0:443", false, Some(Failure::Refused), 0)],
        );
    assert_eq!(scene.faults(), ["dns-filtered"]);
}

#[test]
fn a_resolver_that_hides_a_public_name_is_a_filter() {
    let scene = directly(
        unresolved(NameOutcome::NoSuchName),
        vec![
            said("192.0.2.53", NameOutcome::NoSuchName, &[]),
            said("192.0.2.54", addresses_of(&["203.0.113.7"]), &[]),
        ],
    );
    let there = Change::Address {
        address: "203.0.113.7".into(),
    };
    let mut scene = scene.when(move |question| match question {
        Question::Handshake { changes } if *changes == [there.clone()] => {
            Some(vec![handshake(changes, switched())])
        }
        _ => None,
    });
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "dns-filtered");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_name_known_inside_only_is_split() {
    let mut scene = directly(
        unresolved(NameOutcome::NoSuchName),
        vec![
            said("192.0.2.53", NameOutcome::NoSuchName, &[]),
            said("10.0.0.53", addresses_of(&["10.1.2.3"]), &[]),
        ],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "dns-split");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn an_empty_answer_where_another_gives_a_private_address_is_the_rebind_guard() {
    let mut scene = directly(
        unresolved(NameOutcome::NoAddress),
        vec![
            said("192.168.1.1", NameOutcome::Refused, &[15]),
            said("192.0.2.53", addresses_of(&["192.168.1.20"]), &[]),
        ],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "dns-rebind-guard");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn an_empty_answer_marked_blocked_is_most_likely_the_rebind_guard() {
    let mut scene = directly(
        unresolved(NameOutcome::NoAddress),
        vec![said("192.168.1.1", NameOutcome::NoAddress, &[15])],
    );
    assert_eq!(scene.faults(), ["dns-rebind-guard", "dns-filtered"]);
}

#[test]
fn signatures_that_do_not_check_out_are_named() {
    let unchecked = Resolver::Server {
        server: "192.0.2.53:53".into(),
        checking_disabled: true,
    };
    let mut scene = directly(
        unresolved(NameOutcome::ServerFailure),
        vec![
            said("192.0.2.53", NameOutcome::ServerFailure, &[6]),
            resolution(HOST, unchecked, addresses_of(&["203.0.113.7"]), &[]),
        ],
    );
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings[0].cause, "dns-servfail");
    assert!(diagnosis.findings[0].summary.contains("DNSSEC"));
}

#[test]
fn silent_resolvers_fail_the_lookup() {
    let mut scene = directly(
        unresolved(NameOutcome::ServerFailure),
        vec![said("192.0.2.53", NameOutcome::TimedOut, &[])],
    );
    assert_eq!(scene.faults(), ["dns-servfail"]);
}

fn overridden() -> Scene {
    let environment = Environment {
        hosts_file: vec!["198.51.100.9".into()],
        ..Environment::default()
    };
    directly(
        Scene::secure()
            .environment(environment)
            .on(Question::Resolve, vec![lookup(HOST, &["198.51.100.9"])]),
        vec![said("192.0.2.53", addresses_of(&["203.0.113.7"]), &[])],
    )
}

#[test]
fn a_hosts_file_that_leads_astray_is_named_before_the_refusal() {
    let mut scene = overridden().on(
        Question::Connect,
        vec![connection(
            "198.51.100.9:443",
            false,
            Some(silence()),
            3_000,
        )],
    );
    assert_eq!(scene.faults()[0], "dns-override");
    let mut scene = overridden()
        .on(
            Question::Connect,
            vec![connection(
                "198.51.100.9:443",
                false,
                Some(Failure::Refused),
                1,
            )],
        )
        .when(|question| match question {
            Question::Handshake { changes } if !changes.is_empty() => {
                Some(vec![handshake(changes, switched())])
            }
            _ => None,
        });
    let diagnosis = scene.check();
    assert_eq!(diagnosis.findings.len(), 1);
    assert_eq!(diagnosis.findings[0].cause, "dns-override");
    assert_eq!(diagnosis.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_hosts_file_that_works_is_no_fault() {
    let mut scene = overridden();
    assert!(scene.faults().is_empty());
    assert!(!scene.asked.contains(&Question::ResolveDirect));
}

#[test]
fn a_cached_address_is_stale_where_the_current_one_works() {
    let mut scene = directly(
        Scene::secure().on(Question::Resolve, vec![lookup(HOST, &["198.51.100.9"])]),
        vec![said("192.0.2.53", addresses_of(&["203.0.113.7"]), &[])],
    )
    .on(
        Question::Connect,
        vec![connection(
            "198.51.100.9:443",
            false,
            Some(Failure::Refused),
            20,
        )],
    )
    .when(|question| match question {
        Question::Handshake { changes } if !changes.is_empty() => {
            Some(vec![handshake(changes, switched())])
        }
        Question::Tls(TlsVariation::Direct) => Some(vec![]),
        _ => None,
    });
    assert!(scene.faults().contains(&"dns-override".to_owned()));
}
