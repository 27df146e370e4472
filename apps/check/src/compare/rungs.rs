//! Where one report stands on one rung: what can be compared, without times and ports that always differ.

use serde::Serialize;
use towpath_diagnosis::observation::{
    BrowserOutcome, ConnectionOutcome, HandshakeOutcome, NameOutcome, Resolver, TlsOutcome,
    TlsVariation, TunnelOutcome,
};
use towpath_diagnosis::question::Rung;
use towpath_diagnosis::{Fact, words};

use crate::report::Report;

/// Whether a rung held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It held.
    Held,
    /// It did not.
    Failed,
    /// The check did not come so far, or did not need it.
    NotReached,
}

/// A report on one rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Whether it held.
    pub state: State,
    /// What was seen, in a few words.
    pub saw: String,
}

/// Where a report stands on a rung.
pub(super) fn standing(rung: Rung, report: &Report) -> Standing {
    let seen = report.observations.iter().filter_map(|one| {
        // What a rung's variations gave is not what the rung gave.
        let base = one
            .answers
            .as_ref()
            .is_none_or(|question| question.rung() == rung);
        base.then(|| on(rung, &one.fact, report)).flatten()
    });
    let all: Vec<(bool, String)> = seen.collect();
    let held = match rung {
        Rung::Messages | Rung::Time => all.iter().all(|(held, _)| *held),
        _ => all.iter().any(|(held, _)| *held),
    };
    let mut saw: Vec<&str> = Vec::new();
    for (_, words) in all.iter().filter(|(one, _)| *one == held) {
        if !saw.contains(&words.as_str()) {
            saw.push(words);
        }
    }
    Standing {
        state: match all.len() {
            0 => State::NotReached,
            _ if held => State::Held,
            _ => State::Failed,
        },
        saw: saw.join("; "),
    }
}

fn on(rung: Rung, fact: &Fact, report: &Report) -> Option<(bool, String)> {
    match (rung, fact) {
        (Rung::Name, Fact::Resolution(seen)) if seen.resolver == Resolver::System => {
            Some(match &seen.outcome {
                NameOutcome::Addresses(answer) => {
                    let mut addresses = answer.addresses.clone();
                    addresses.sort();
                    let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                    (true, all.join(", "))
                }
                NameOutcome::NoSuchName => (false, "no such name".to_owned()),
                _ => (false, "no address".to_owned()),
            })
        }
        (Rung::Connection, Fact::Connection(seen)) => Some(match &seen.outcome {
            ConnectionOutcome::Connected => (true, "connected".to_owned()),
            ConnectionOutcome::Failed(failure) => (false, plain(&words::failure(failure))),
        }),
        (Rung::Proxy, Fact::Tunnel(seen)) => Some(match &seen.outcome {
            TunnelOutcome::Established => (true, format!("tunnel through {}", seen.proxy)),
            TunnelOutcome::Refused { response } => {
                (false, format!("{} answers {}", seen.proxy, response.status))
            }
            _ => (false, format!("{} gives no tunnel", seen.proxy)),
        }),
        (Rung::Tls, Fact::Tls(seen)) if seen.variation == TlsVariation::Ordinary => {
            Some(match &seen.outcome {
                TlsOutcome::Established(tls) => {
                    let issuer = tls.chain.first().map_or("", |own| own.issuer.as_str());
                    (
                        tls.trust.accepted,
                        format!("{}, issued by {issuer}", tls.version),
                    )
                }
                TlsOutcome::Failed(failure) => (false, plain(&words::failure(failure))),
            })
        }
        (Rung::Handshake, Fact::Handshake(seen)) if seen.changes.is_empty() => {
            Some(handshake(&seen.outcome))
        }
        (Rung::Browser, Fact::Browser(seen)) => match &seen.outcome {
            BrowserOutcome::Opened { .. } => Some((true, "opens".to_owned())),
            BrowserOutcome::Failed { error } => Some((false, error.clone())),
            BrowserOutcome::Unavailable { .. } => None,
        },
        (Rung::Messages, Fact::Conversation(seen)) if seen.changes.is_empty() => {
            let due = report
                .target()
                .is_some_and(|target| target.expect.is_some());
            let held = seen.passed(due);
            let words = if held {
                "all come through"
            } else {
                "not all come through"
            };
            Some((held, words.to_owned()))
        }
        (Rung::Time, Fact::Endurance(seen)) => {
            let held = seen.ended.is_none() && seen.final_ping_answered != Some(false);
            // Whole tens of seconds: no two lives are equal to the millisecond.
            let lived = format!(
                "ends after about {} s",
                (seen.lived_ms + 5_000) / 10_000 * 10
            );
            Some((held, if held { "stays open".to_owned() } else { lived }))
        }
        _ => None,
    }
}

fn handshake(outcome: &HandshakeOutcome) -> (bool, String) {
    match outcome {
        HandshakeOutcome::Switched(switched) if switched.deviations.is_empty() => {
            (true, format!("{}", switched.response.status))
        }
        HandshakeOutcome::Switched(switched) => (
            false,
            format!(
                "{}, but {}",
                switched.response.status,
                switched.deviations.join(", ")
            ),
        ),
        HandshakeOutcome::Refused { response } => {
            let server = response.header("server").or(response.header("via"));
            let by = server.map_or(String::new(), |server| format!(", written by {server}"));
            (
                false,
                format!("{} {}{by}", response.status, response.reason)
                    .trim_end()
                    .to_owned(),
            )
        }
        HandshakeOutcome::Failed(failed) => (false, plain(&words::failure(&failed.failure))),
    }
}

/// A failure without what differs from one attempt to the next.
fn plain(failure: &str) -> String {
    failure
        .split(" within ")
        .next()
        .unwrap_or(failure)
        .to_owned()
}
