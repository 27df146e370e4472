//! A request that works is known (`--like`, or the browser's own): which difference matters?

use super::flip;
use crate::bisect::{self, Step};
use crate::evidence::{Evidence, Seen, opened};
use crate::observation::{BrowserOutcome, Change, Handshake, Header, RequestHead};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

/// What the search came to.
enum Search {
    /// There is nothing to compare with, or the comparison would not help.
    Idle,
    /// The next request.
    Ask(Question),
    /// The least difference that works.
    Found(Vec<Change>),
}

fn search(evidence: &Evidence<'_>) -> Search {
    let Some(first) = flip::failed(evidence) else {
        return Search::Idle;
    };
    let like = flip::with(Change::Like);
    if !evidence.asked(&like) {
        return if evidence.not_tested(&like).is_none() && reference_known(evidence) {
            Search::Ask(like)
        } else {
            Search::Idle
        };
    }
    let Some(like) = evidence
        .handshake(&[Change::Like])
        .filter(|seen| opened(seen).is_some())
    else {
        return Search::Idle;
    };
    let differences = differences(&first.fact.request, &like.fact.request);
    if differences.is_empty() {
        return Search::Idle;
    }
    let step = bisect::step(&differences, |set| {
        if set.len() == differences.len() {
            return Some(true);
        }
        evidence
            .handshakes()
            .find(|seen| seen.fact.changes == set)
            .map(|seen| opened(&seen).is_some())
    });
    match step {
        Step::Try(changes) => {
            let question = Question::Handshake { changes };
            if evidence.not_tested(&question).is_some() {
                Search::Idle
            } else {
                Search::Ask(question)
            }
        }
        Step::Least(changes) => Search::Found(changes),
    }
}

fn reference_known(evidence: &Evidence<'_>) -> bool {
    evidence.target().like
        || evidence.browsers().any(|seen| {
            matches!(seen.fact.outcome, BrowserOutcome::Opened { .. })
                && seen.fact.request.is_some()
        })
}

/// Headers that differ on every handshake or mean the same in both.
const NEVER_COMPARED: [&str; 5] = [
    "host",
    "connection",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
];

/// The changes that turn one request into the other.
fn differences(from: &RequestHead, to: &RequestHead) -> Vec<Change> {
    let value = |headers: &[Header], name: &str| {
        headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.clone())
    };
    let compared =
        |header: &&Header| !NEVER_COMPARED.contains(&header.name.to_ascii_lowercase().as_str());
    let mut changes: Vec<Change> = to
        .headers
        .iter()
        .filter(compared)
        .filter(|header| value(&from.headers, &header.name).as_ref() != Some(&header.value))
        .map(|header| Change::HeaderFrom {
            name: header.name.clone(),
        })
        .collect();
    changes.extend(
        from.headers
            .iter()
            .filter(compared)
            .filter(|header| value(&to.headers, &header.name).is_none())
            .map(|header| Change::WithoutHeader {
                name: header.name.clone(),
            }),
    );
    if from.target != to.target {
        changes.push(Change::PathOf);
    }
    changes
}

/// The finding for one group of differences; every group's rule runs the same search.
fn judge(evidence: &Evidence<'_>, mine: fn(&str) -> bool, what: &str) -> Judgement {
    match search(evidence) {
        Search::Idle => Judgement::nothing(),
        Search::Ask(question) => Judgement::ask([question]),
        Search::Found(changes) => {
            if !changes.iter().any(|change| mine(&header_of(change))) {
                return Judgement::nothing();
            }
            let Some(seen) = accepted(evidence, &changes) else {
                return Judgement::nothing();
            };
            let named: Vec<String> = changes.iter().map(in_words).collect();
            let mut judgement = Judgement::from(
                Support::certain(
                    format!(
                        "{what} The least change that lets the handshake in: {}.",
                        named.join(", and ")
                    ),
                    seen.shows(format!(
                        "With {}, and nothing else changed, the handshake is accepted.",
                        named.join(" and ")
                    )),
                )
                .and_all(flip::failed(evidence).map(|first| {
                    first.shows(format!("Sent as given, it {}.", flip::outcome(&first)))
                })),
            );
            if flip::intermittent(evidence) {
                judgement.support = None;
            }
            judgement
        }
    }
}

/// The handshake with these changes; for all differences at once that is the whole other request.
fn accepted<'a>(evidence: &Evidence<'a>, changes: &[Change]) -> Option<Seen<'a, Handshake>> {
    evidence
        .handshake(changes)
        .filter(|seen| opened(seen).is_some())
        .or_else(|| evidence.handshake(&[Change::Like]))
}

fn header_of(change: &Change) -> String {
    match change {
        Change::HeaderFrom { name } | Change::WithoutHeader { name } => name.to_ascii_lowercase(),
        _ => "path".into(),
    }
}

fn in_words(change: &Change) -> String {
    match change {
        Change::HeaderFrom { name } => format!("the other request's {name}"),
        Change::WithoutHeader { name } => format!("no {name}"),
        _ => "the other request's path and query".into(),
    }
}

pub(super) const ORIGIN: Rule = Rule {
    cause: "http-403-origin",
    explains: &["http-403-connect-refused", "http-400-generic"],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "origin",
            "The server looks at the Origin.",
        )
    },
};

pub(super) const SUBPROTOCOL: Rule = Rule {
    cause: "http-403-subproto",
    explains: &["http-403-connect-refused", "http-400-generic"],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "sec-websocket-protocol",
            "The server looks at the subprotocol.",
        )
    },
};

pub(super) const COOKIE: Rule = Rule {
    cause: "http-cookie-missing",
    explains: &["http-403-connect-refused", "http-401", "http-400-generic"],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "cookie",
            "The server wants a cookie.",
        )
    },
};

pub(super) const PROGRAM: Rule = Rule {
    cause: "http-403-ua",
    explains: &["http-403-connect-refused", "http-400-generic"],
    judge: |evidence| {
        judge(
            evidence,
            |name| {
                name == "user-agent"
                    || name.starts_with("accept")
                    || name.starts_with("sec-ch-")
                    || name.starts_with("sec-fetch-")
                    || name == "pragma"
                    || name == "cache-control"
            },
            "The server looks at the headers that tell browsers from other programs.",
        )
    },
};

pub(super) const PARAMETERS: Rule = Rule {
    cause: "http-403-connect-refused",
    explains: &[],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "path",
            "The application wants what the other request's path and query hold.",
        )
    },
};

pub(super) const CREDENTIAL: Rule = Rule {
    cause: "http-401",
    explains: &["http-403-connect-refused", "http-400-generic"],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "authorization" || name.starts_with("x-"),
            "The server wants a credential that the other request holds.",
        )
    },
};

pub(super) const OTHER_HEADER: Rule = Rule {
    cause: "http-400-generic",
    explains: &["http-403-connect-refused"],
    judge: |evidence| {
        judge(
            evidence,
            |name| name == "sec-websocket-extensions",
            "The server looks at the extensions offered.",
        )
    },
};
