//! Connections that are accepted and end without a word: each one, or only those that ask for a WebSocket.
//!
//! Nothing but the end of the connection is left to judge by, so that no case here is more than possible.

use super::flip;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{
    ControlPath, ExchangeOutcome, Failure, HandshakeOutcome, Stage, TlsVariation,
};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

const CONTROL_SAME: Question = Question::Control {
    path: ControlPath::Same,
    plain: false,
};

pub(super) const OTHER_SERVICE: Rule = Rule {
    cause: "http-wrong-service",
    explains: &[],
    judge: |evidence| {
        if evidence.target().proxy.is_some() {
            return Judgement::nothing();
        }
        judged(
            evidence,
            |failure| *failure == Failure::EndOfStream,
            |first| {
                Support::possible(
                "The port takes connections and ends each without a word, whatever it is told: it may belong to a service that speaks neither HTTP nor TLS.",
                first,
            )
            .weighing(30)
            },
        )
    },
};

pub(super) const NOBODY_BEHIND: Rule = Rule {
    cause: "tcp-fake-accept",
    explains: &[],
    judge: |evidence| {
        if evidence.target().proxy.is_some() {
            return Judgement::nothing();
        }
        judged(
            evidence,
            |failure| resets(evidence, failure),
            |first| {
                Support::possible(
                "The port takes connections and gives none of them a word: what accepts them, such as a port forwarding or a load balancer, may have nobody behind it.",
                first,
            )
            .weighing(25)
            },
        )
    },
};

pub(super) const NOBODY_BEHIND_TLS: Rule = Rule {
    cause: "http-502",
    explains: &[],
    judge: nobody_behind_tls,
};

/// What ends TLS took the connection; whoever should answer the requests inside did not.
fn nobody_behind_tls(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = reach::handshake_failed(evidence)
        .filter(|seen| seen.fact.stage == Stage::Http && hung_up(&seen.fact.failure))
        .filter(|_| reach::accepted(evidence).is_some() && evidence.target().proxy.is_none())
    else {
        return Judgement::nothing();
    };
    let mut requests = evidence.exchanges();
    let Some(control) = requests.next() else {
        return Judgement::ask([CONTROL_SAME]);
    };
    let unanswered = |outcome: &ExchangeOutcome| matches!(outcome, ExchangeOutcome::Failed(failed) if hung_up(&failed.failure));
    if !unanswered(&control.fact.outcome) || !requests.all(|seen| unanswered(&seen.fact.outcome)) {
        return Judgement::nothing();
    }
    Support::possible(
        "TLS is agreed and every request inside it ends without a word: what ends TLS here may not reach the server behind it.",
        first.shows("The handshake was sent, and the connection ended without an answer."),
    )
    .and(control.shows("An ordinary request for the same path fared alike."))
    .weighing(25)
    .into()
}

pub(super) const NAME_UNSERVED: Rule = Rule {
    cause: "http-403-host",
    explains: &[],
    judge: name_unserved,
};

/// A web server that says so to a TLS hello, and hangs up on every request: nginx's `return 444`, which
/// many set for names that they do not serve.
fn name_unserved(evidence: &Evidence<'_>) -> Judgement {
    if evidence.target().proxy.is_some() || evidence.secure() || !nothing_answered(evidence) {
        return Judgement::nothing();
    }
    let Some((first, _)) = first_failure(evidence).filter(|(_, failure)| hung_up(failure)) else {
        return Judgement::nothing();
    };
    let web_server = evidence.tls_attempts().find(|seen| {
        matches!(reach::failure(seen), Some(Failure::NotTls { first_bytes }) if first_bytes.starts_with("HTTP/"))
    });
    let asked = evidence.exchanges().next();
    match (web_server, asked) {
        (Some(web_server), Some(asked)) => Support::possible(
            format!(
                "A web server hangs up on every request without an answer, as some do for names that they do not serve: it may not serve `{}`.",
                evidence.target().host
            ),
            first,
        )
        .and(asked.shows("An ordinary request fared alike."))
        .and(web_server.shows("A TLS hello was answered in HTTP, so a web server listens."))
        .untested("the same with the name that the server is set up for")
        .weighing(35)
        .into(),
        _ => Judgement::nothing(),
    }
}

pub(super) const BEHIND_THE_PROXY: Rule = Rule {
    cause: "proxy-upstream-fail",
    explains: &[],
    judge: |evidence| {
        if evidence.target().proxy.is_none() {
            return Judgement::nothing();
        }
        judged(evidence, hung_up, |first| {
            Support::possible(
                "The proxy opens the tunnel and then ends each connection without a word: it may not reach the server.",
                first,
            )
            .weighing(30)
        })
    },
};

pub(super) const UPGRADES_RESET: Rule = Rule {
    cause: "proxy-ws-policy",
    explains: &[],
    judge: upgrades_reset,
};

/// A server that has no WebSocket closes or says so; a reset is how filters end what they do not want.
fn upgrades_reset(evidence: &Evidence<'_>) -> Judgement {
    let Some((first, failure)) = first_failure(evidence).filter(|_| !evidence.secure()) else {
        return Judgement::nothing();
    };
    let proxied = evidence.target().proxy.is_some();
    let cut = *failure == Failure::Reset || (proxied && *failure == Failure::EndOfStream);
    let control = evidence
        .control(ControlPath::Same)
        .filter(|control| (200..400).contains(&control.fact.status));
    match control {
        Some(control) if cut => Support::possible(
            "Something on the way, or the server itself, ends the connection as soon as a request asks for a WebSocket.",
            first,
        )
        .and(control.shows(format!(
            "An ordinary request for the same path is answered {}.",
            flip::status(control.fact)
        )))
        .untested("the same handshake from another network, and over TLS")
        .weighing(60)
        .into(),
        _ => Judgement::nothing(),
    }
}

/// The case where every connection had a wordless end, and the first one this one.
fn judged(
    evidence: &Evidence<'_>,
    wanted: impl Fn(&Failure) -> bool,
    case: impl Fn(finding::Evidence) -> Support,
) -> Judgement {
    if reach::works(evidence) {
        return Judgement::nothing();
    }
    let Some((first, failure)) = first_failure(evidence) else {
        return Judgement::nothing();
    };
    if !wanted(failure) || !wordless_everywhere(evidence) {
        return Judgement::nothing();
    }
    let second = if evidence.secure() {
        // The smaller hello, so that a filter on the size of the first message is not overlooked.
        let small = evidence.tls(&TlsVariation::WithoutPostQuantum);
        small.map(|seen| seen.shows("A smaller TLS hello fared alike."))
    } else {
        let control = evidence
            .exchanges()
            .find(|seen| seen.fact.path == ControlPath::Same);
        control.map(|seen| seen.shows("An ordinary request for the same path fared alike."))
    };
    match second {
        Some(second) => case(first)
            .and(second)
            .untested("which program listens at the port: its operator knows")
            .into(),
        None if evidence.secure() => Judgement::nothing(),
        None => Judgement::ask([CONTROL_SAME]),
    }
}

/// How the first TLS hello of a `wss` target ended, or the first handshake of a `ws` one.
fn first_failure<'a>(evidence: &Evidence<'a>) -> Option<(finding::Evidence, &'a Failure)> {
    if evidence.secure() {
        let (seen, failure) = reach::tls_failed(evidence)?;
        let shows = seen.shows(format!(
            "To the ordinary TLS hello: {}.",
            words::failure(failure)
        ));
        return Some((shows, failure));
    }
    let seen = flip::failed(evidence)?;
    match &seen.fact.outcome {
        HandshakeOutcome::Failed(failed) => Some((
            seen.shows(format!("The handshake {}.", flip::outcome(&seen))),
            &failed.failure,
        )),
        _ => None,
    }
}

fn hung_up(failure: &Failure) -> bool {
    matches!(failure, Failure::Reset | Failure::EndOfStream)
}

/// A reset, or silence where TLS was due; silence over HTTP is a cause of its own.
fn resets(evidence: &Evidence<'_>, failure: &Failure) -> bool {
    *failure == Failure::Reset || (evidence.secure() && reach::timed_out(failure))
}

fn wordless_everywhere(evidence: &Evidence<'_>) -> bool {
    // What reads lines waits for the rest of a TLS hello, so that silence is no word either.
    let tls = evidence
        .tls_attempts()
        .all(|seen: Seen<'_, _>| reach::failure(&seen).is_some_and(reach::wordless));
    tls && nothing_answered(evidence)
}

/// Whether no request got an answer, and each was hung up on.
fn nothing_answered(evidence: &Evidence<'_>) -> bool {
    let ended =
        |failure: &Failure| hung_up(failure) || (evidence.secure() && reach::timed_out(failure));
    let handshakes = evidence.handshakes().all(|seen| {
        matches!(&seen.fact.outcome, HandshakeOutcome::Failed(failed) if ended(&failed.failure))
    });
    let requests = evidence.exchanges().all(
        |seen| matches!(&seen.fact.outcome, ExchangeOutcome::Failed(failed) if hung_up(&failed.failure)),
    );
    handshakes && requests
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::observation::{ControlPath, Exchange, ExchangeOutcome, Failed, Failure, Stage};
    use crate::observation::{Fact, TlsOutcome};
    use crate::question::Question;
    use crate::rules::scene::{Scene, exchange, silence, unanswered};
    use crate::testing::response;

    fn ends(failure: &Failure) -> impl Fn(&Question) -> Option<Vec<Fact>> + 'static {
        let failure = failure.clone();
        move |question| {
            let Question::Control { path, .. } = question else {
                return None;
            };
            let Fact::Exchange(ordinary) = exchange(*path, response(200, &[], ""), None) else {
                return None;
            };
            Some(vec![Fact::Exchange(Exchange {
                outcome: ExchangeOutcome::Failed(Failed {
                    stage: Stage::Http,
                    failure: failure.clone(),
                }),
                ..ordinary
            })])
        }
    }

    #[track_caller]
    fn first(scene: Scene, failure: &Failure, cause: &str) {
        let ended = failure.clone();
        let shaken = failure.clone();
        let mut scene = scene
            .host("127.0.0.1")
            .tls(move |_| TlsOutcome::Failed(ended.clone()))
            .handshake(move |_| unanswered(shaken.clone()))
            .when(ends(failure));
        let diagnosis = scene.check();
        let found: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|found| (found.cause.as_str(), found.confidence))
            .collect();
        assert_eq!(
            found.first(),
            Some(&(cause, Confidence::Possible)),
            "{found:?}"
        );
    }

    #[test]
    fn a_port_that_hangs_up_on_everything_belongs_to_another_service() {
        let ended = Failure::EndOfStream;
        first(Scene::plain(), &ended, "http-wrong-service");
        first(Scene::secure(), &ended, "http-wrong-service");
    }

    #[test]
    fn a_port_that_resets_everything_has_nobody_behind_it() {
        first(Scene::plain(), &Failure::Reset, "tcp-fake-accept");
        first(Scene::secure(), &Failure::Reset, "tcp-fake-accept");
        first(Scene::secure(), &silence(), "tcp-fake-accept");
    }

    #[test]
    fn what_agrees_on_tls_and_then_says_nothing_may_have_nobody_behind_it() {
        let mut scene = Scene::secure()
            .handshake(|_| unanswered(Failure::Reset))
            .when(ends(&Failure::Reset));
        let diagnosis = scene.check();
        assert_eq!(diagnosis.findings[0].cause, "http-502");
        assert_eq!(diagnosis.findings[0].confidence, Confidence::Possible);
    }

    #[test]
    fn a_web_server_that_hangs_up_on_everything_may_not_serve_the_name() {
        let mut scene = Scene::plain()
            .tls(|_| {
                TlsOutcome::Failed(Failure::NotTls {
                    first_bytes: "HTTP/1.1 400 Bad Request".into(),
                })
            })
            .handshake(|_| unanswered(Failure::EndOfStream))
            .when(ends(&Failure::EndOfStream));
        assert_eq!(scene.faults(), ["http-403-host"]);
    }

    #[test]
    fn a_tunnel_in_which_nothing_passes_points_at_the_proxy() {
        let scene = Scene::plain().proxy("http://proxy.example:3128");
        first(scene, &Failure::EndOfStream, "proxy-upstream-fail");
    }

    #[test]
    fn a_reset_of_upgrades_only_may_be_a_rule_against_them() {
        for (failure, expected) in [
            (Failure::Reset, "proxy-ws-policy"),
            (Failure::EndOfStream, "http-200-app"),
        ] {
            let mut scene = Scene::plain()
                .tls(|_| TlsOutcome::Failed(Failure::EndOfStream))
                .handshake(move |_| unanswered(failure.clone()))
                .control(|_| response(200, &[], "a page"));
            assert_eq!(scene.faults().first().map(String::as_str), Some(expected));
        }
    }

    #[test]
    fn one_answer_is_enough_to_know_better() {
        let mut scene = Scene::plain()
            .handshake(|_| unanswered(Failure::EndOfStream))
            .control(|_: ControlPath| response(200, &[], "a page"));
        let faults = scene.faults();
        assert!(
            !faults.contains(&"http-wrong-service".to_owned()),
            "{faults:?}"
        );
    }
}
