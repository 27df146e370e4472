//! TLS that is cut at the first message.

use crate::Confidence;
use crate::observation::{
    BrowserCapture, BrowserOutcome, BrowserUse, Change, Fact, Failure, TlsOutcome, TlsVariation,
};
use crate::question::Question;
use crate::rules::scene::{Scene, alert, public, refused, silence, switched, trusted, unanswered};
use crate::rules::tls::interception::CONTROL_NAME;

fn cut(failure: Failure, passes: impl Fn(&TlsVariation) -> bool + 'static) -> Scene {
    Scene::secure()
        .tls(move |variation| {
            if passes(variation) {
                trusted(public())
            } else {
                TlsOutcome::Failed(failure.clone())
            }
        })
        .handshake(|_| unanswered(Failure::EndOfStream))
}

fn first(mut scene: Scene) -> (String, Confidence) {
    let diagnosis = scene.check();
    let finding = diagnosis.findings.first().expect("a finding");
    (finding.cause.clone(), finding.confidence)
}

/// What a browser came to that was shown an empty page.
fn browser(outcome: BrowserOutcome) -> Vec<Fact> {
    vec![Fact::Browser(BrowserCapture {
        browser: "Chromium 156".into(),
        page: None,
        page_substituted: true,
        request: None,
        response: None,
        cookie_names: Vec::new(),
        issuer: None,
        document: None,
        messages: Vec::new(),
        outcome,
        elapsed_ms: 1,
    })]
}

fn other_name(variation: &TlsVariation) -> bool {
    matches!(variation, TlsVariation::ServerName { name } if name == CONTROL_NAME)
}

#[test]
fn each_cut_has_the_change_that_lets_it_through() {
    for failure in [Failure::Reset, silence()] {
        let check = |passes: fn(&TlsVariation) -> bool, cause: &str| {
            let expected = (cause.to_owned(), Confidence::Certain);
            assert_eq!(first(cut(failure.clone(), passes)), expected);
        };
        check(other_name, "tls-sni-filter");
        check(
            |variation| {
                matches!(
                    variation,
                    TlsVariation::WithoutPostQuantum | TlsVariation::Only12
                )
            },
            "tls-large-hello",
        );
        check(
            |variation| *variation == TlsVariation::Only12,
            "tls13-blocked",
        );
        check(
            |variation| *variation == TlsVariation::OpenSsl,
            "tls-fingerprint-filter",
        );
    }
}

/// Where no library gets a word, a browser that does settles it; one that does not leaves the rest as it was.
#[test]
fn a_filter_that_lets_only_browsers_in_is_told_by_a_browser() {
    for (outcome, is_filter) in [
        (
            BrowserOutcome::Opened {
                frames_received: 0,
                closed: None,
            },
            true,
        ),
        (
            BrowserOutcome::Failed {
                error: "net::ERR_CONNECTION_RESET".into(),
            },
            false,
        ),
    ] {
        let mut scene = cut(Failure::Reset, |_| false).on(Question::Browser, browser(outcome));
        scene.target.browser = BrowserUse::Auto;
        let found = first(scene);
        let expected = ("tls-fingerprint-filter".to_owned(), Confidence::Likely);
        assert_eq!(found == expected, is_filter, "{found:?}");
    }
}

#[test]
fn a_name_that_is_closed_in_order_may_be_the_servers_own_refusal() {
    let found = first(cut(Failure::EndOfStream, other_name));
    assert_eq!(found, ("tls-sni-filter".to_owned(), Confidence::Likely));
}

#[test]
fn an_address_has_no_name_to_filter() {
    let scene = cut(Failure::Reset, |_| false).host("203.0.113.7");
    let mut scene = scene;
    assert!(!scene.faults().contains(&"tls-sni-filter".to_owned()));
}

#[test]
fn a_plain_port_answers_in_plain_text() {
    let scene = Scene::secure().tls(|_| {
        TlsOutcome::Failed(Failure::NotTls {
            first_bytes: "HTTP/1.1 400 Bad Request".into(),
        })
    });
    assert_eq!(
        first(scene),
        ("tls-wrong-port".to_owned(), Confidence::Certain)
    );
}

#[test]
fn a_plain_port_that_stays_silent_answers_without_tls() {
    let scene = cut(Failure::EndOfStream, |_| false).handshake(|changes| {
        if changes == [Change::OtherScheme] {
            switched()
        } else {
            unanswered(Failure::EndOfStream)
        }
    });
    assert_eq!(
        first(scene),
        ("tls-wrong-port".to_owned(), Confidence::Certain)
    );
}

#[test]
fn a_tls_port_that_is_asked_in_plain_says_so() {
    let scene = Scene::plain().handshake(|_| {
        refused(
            400,
            &[("Server", "nginx")],
            "<center>The plain HTTP request was sent to HTTPS port</center>",
        )
    });
    assert_eq!(
        first(scene),
        ("tls-wrong-port".to_owned(), Confidence::Certain)
    );
    let scene = Scene::plain().handshake(|_| {
        unanswered(Failure::NotHttp {
            first_bytes: "\\x15\\x03\\x01\\x00\\x02\\x022".into(),
        })
    });
    assert_eq!(
        first(scene),
        ("tls-wrong-port".to_owned(), Confidence::Certain)
    );
}

#[test]
fn a_tls_port_that_hangs_up_on_plain_text_answers_a_hello() {
    let mut scene = Scene::plain().handshake(|_| unanswered(Failure::EndOfStream));
    assert_eq!(scene.faults()[0], "tls-wrong-port");
    let mut scene = Scene::plain()
        .handshake(|_| unanswered(Failure::EndOfStream))
        .tls(|_| {
            TlsOutcome::Failed(Failure::NotTls {
                first_bytes: "HTTP/1.1 400".into(),
            })
        });
    assert!(!scene.faults().contains(&"tls-wrong-port".to_owned()));
}

#[test]
fn an_address_in_the_url_names_no_host() {
    let scene = Scene::secure()
        .host("203.0.113.7")
        .tls(|_| TlsOutcome::Failed(alert(112)));
    assert_eq!(
        first(scene),
        ("tls-sni-missing".to_owned(), Confidence::Certain)
    );
    let scene = Scene::secure().tls(|_| TlsOutcome::Failed(alert(112)));
    assert_eq!(first(scene).0, "tls-name-mismatch");
}
