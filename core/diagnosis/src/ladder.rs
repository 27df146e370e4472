//! The order in which a check climbs: which rung is next, and where the climb stops.
//!
//! Names the base questions only. What to ask beside a rung that failed is for the rules to say,
//! so that there is one decision tree and not two.

use crate::catalogue::Vantage;
use crate::evidence::{Evidence, opened};
use crate::observation::{
    BrowserOutcome, BrowserUse, ConnectionOutcome, Exercise, NameOutcome, Outcome, Resolver,
    TlsOutcome, TlsVariation, TunnelOutcome,
};
use crate::observation::{Change, ControlPath, OriginKind};
use crate::question::Question;
use crate::rules::sides;

/// Where the climb stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Climb {
    /// The next base question, if the climb goes on.
    pub next: Option<Question>,
    /// Whether every rung held.
    pub reached_the_top: bool,
}

enum Rung {
    Held,
    Ask(Question),
    Stopped,
}

/// Finds the first rung that was not asked or did not hold.
pub fn climb(evidence: &Evidence<'_>) -> Climb {
    let rungs: &[fn(&Evidence<'_>) -> Rung] = if evidence.vantage() != Vantage::Cli {
        &[recorded]
    } else if evidence.target().browser == BrowserUse::Only {
        &[environment, browser]
    } else {
        &[
            environment,
            name,
            connection,
            tunnel,
            tls,
            handshake,
            extended_connect,
            messages,
            time,
        ]
    };
    for rung in rungs {
        match rung(evidence) {
            Rung::Held => {}
            Rung::Ask(question) if evidence.not_tested(&question).is_some() => {
                return Climb {
                    next: None,
                    reached_the_top: false,
                };
            }
            Rung::Ask(question) => {
                return Climb {
                    next: Some(question),
                    reached_the_top: false,
                };
            }
            Rung::Stopped => {
                return Climb {
                    next: None,
                    reached_the_top: false,
                };
            }
        }
    }
    Climb {
        next: None,
        reached_the_top: true,
    }
}

fn held(holds: bool) -> Rung {
    if holds { Rung::Held } else { Rung::Stopped }
}

fn environment(evidence: &Evidence<'_>) -> Rung {
    if evidence.asked(&Question::Environment) {
        Rung::Held
    } else {
        Rung::Ask(Question::Environment)
    }
}

/// A proxy resolves the target's name itself, so the name is this program's business only without one.
fn name(evidence: &Evidence<'_>) -> Rung {
    let target = evidence.target();
    if target.host_is_address || target.proxy.is_some() {
        return Rung::Held;
    }
    if !evidence.asked(&Question::Resolve) {
        return Rung::Ask(Question::Resolve);
    }
    held(evidence.resolutions().any(|seen| {
        matches!(seen.fact.resolver, Resolver::System | Resolver::Given)
            && matches!(seen.fact.outcome, NameOutcome::Addresses(_))
    }))
}

fn connection(evidence: &Evidence<'_>) -> Rung {
    if !evidence.asked(&Question::Connect) {
        return Rung::Ask(Question::Connect);
    }
    let target = evidence.target();
    let to_proxy = target.proxy.is_some();
    // Another port of the same host may have been asked about since.
    let peer = |port: u16| to_proxy || port == target.port;
    held(evidence.connections().any(|seen| {
        seen.fact.to_proxy == to_proxy
            && peer(seen.fact.address.port())
            && seen.fact.outcome == ConnectionOutcome::Connected
    }))
}

fn tunnel(evidence: &Evidence<'_>) -> Rung {
    let target = evidence.target();
    if target.proxy.is_none() {
        return Rung::Held;
    }
    let question = Question::Tunnel { port: target.port };
    if !evidence.asked(&question) {
        return Rung::Ask(question);
    }
    held(evidence.tunnels().any(|seen| {
        seen.fact.port == target.port && seen.fact.outcome == TunnelOutcome::Established
    }))
}

fn tls(evidence: &Evidence<'_>) -> Rung {
    if !evidence.secure() {
        return Rung::Held;
    }
    let question = Question::Tls(TlsVariation::Ordinary);
    if !evidence.asked(&question) {
        return Rung::Ask(question);
    }
    held(evidence.tls(&TlsVariation::Ordinary).is_some_and(
        |seen| matches!(&seen.fact.outcome, TlsOutcome::Established(tls) if tls.trust.accepted),
    ))
}

fn handshake(evidence: &Evidence<'_>) -> Rung {
    let question = Question::Handshake { changes: vec![] };
    if !evidence.asked(&question) {
        return Rung::Ask(question);
    }
    held(
        evidence
            .switched()
            .is_some_and(|seen| seen.fact.deviations.is_empty()),
    )
}

/// Browsers use HTTP/2 for a WebSocket wherever the server offers it, so the offer must hold.
fn extended_connect(evidence: &Evidence<'_>) -> Rung {
    let question = Question::Handshake {
        changes: vec![Change::Http2],
    };
    if evidence.secure() && !evidence.asked(&question) && evidence.not_tested(&question).is_none() {
        return Rung::Ask(question);
    }
    Rung::Held
}

fn messages(evidence: &Evidence<'_>) -> Rung {
    let Some(question) = base_talk(evidence) else {
        return Rung::Stopped;
    };
    if !evidence.asked(&question) {
        return Rung::Ask(question);
    }
    let answer_due = evidence.target().expect.is_some();
    let answered = evidence.conversations().any(|seen| {
        seen.fact.exercise == Exercise::Send
            && matches!(seen.fact.outcome, Outcome::Answered { .. })
    });
    let reached = answered || !answer_due || !evidence.target().send;
    held(
        reached
            && evidence
                .conversations()
                .all(|seen| seen.fact.passed(answer_due)),
    )
}

/// The first conversation with an open socket, shaped by what the target permits.
pub fn base_talk(evidence: &Evidence<'_>) -> Option<Question> {
    let switched = evidence.first_handshake().as_ref().and_then(opened)?;
    let target = evidence.target();
    let mut exercises = vec![Exercise::Listen, Exercise::Ping];
    if switched
        .fact
        .subprotocol
        .as_deref()
        .is_some_and(|name| GRAPHQL_SUBPROTOCOLS.contains(&name))
    {
        exercises.insert(0, Exercise::GraphqlInit);
    }
    if target.send {
        exercises.push(Exercise::Send);
    }
    if target.echo {
        exercises.push(Exercise::Text { bytes: 32 });
        exercises.push(Exercise::Trickle {
            messages: 5,
            every_ms: 100,
        });
        exercises.push(Exercise::Binary { bytes: 32 });
        exercises.push(Exercise::Fragmented {
            bytes: 96,
            frames: 3,
        });
        exercises.extend(SIZES.map(|bytes| Exercise::Text { bytes }));
        exercises.push(Exercise::Burst { messages: 20 });
    }
    exercises.push(Exercise::Close);
    Some(Question::Talk {
        exercises,
        changes: vec![],
    })
}

fn time(evidence: &Evidence<'_>) -> Rung {
    match evidence.target().idle_ms {
        Some(watch_ms) => {
            let question = Question::Endure { watch_ms };
            if evidence.asked(&question) {
                Rung::Held
            } else {
                Rung::Ask(question)
            }
        }
        None => Rung::Held,
    }
}

fn browser(evidence: &Evidence<'_>) -> Rung {
    if evidence.browsers().next().is_none() && !evidence.asked(&Question::Browser) {
        return Rung::Ask(Question::Browser);
    }
    held(
        evidence
            .browsers()
            .any(|seen| matches!(seen.fact.outcome, BrowserOutcome::Opened { .. })),
    )
}

/// What somebody else recorded cannot be asked further; it holds where the recorded socket opened, or where one that
/// was watched from both ends worked and none failed.
fn recorded(evidence: &Evidence<'_>) -> Rung {
    let opened = evidence
        .switched()
        .is_some_and(|seen| seen.fact.deviations.is_empty());
    let in_browser = evidence
        .browsers()
        .any(|seen| matches!(seen.fact.outcome, BrowserOutcome::Opened { .. }));
    held(opened || in_browser || sides::all_well(evidence))
}

/// The two generations of GraphQL over WebSocket: the current one first.
pub const GRAPHQL_SUBPROTOCOLS: [&str; 2] = ["graphql-transport-ws", "graphql-ws"];

/// Message sizes in bytes that cross the length encodings of RFC 6455 section 5.2, a segment, and usual limits.
pub const SIZES: [u64; 9] = [
    125, 126, 1_200, 1_400, 4_096, 16_384, 65_536, 131_072, 1_048_576,
];

/// Where a question stands in the queue; the smaller is asked first.
pub fn urgency(question: &Question) -> u8 {
    match question {
        Question::Environment => 0,
        Question::Resolve => 10,
        Question::ResolveDirect => 12,
        Question::Connect => 20,
        Question::ConnectPort { .. } => 22,
        Question::Tunnel { .. } => 30,
        Question::Tls(TlsVariation::Ordinary) => 40,
        // Where a hello is not answered each waits in vain, so the most telling comes first.
        Question::Tls(TlsVariation::ServerName { .. }) => 41,
        Question::Tls(_) => 43,
        // Only asked once a handshake failed; it is quick, and tells most where nothing was answered.
        Question::Control {
            path: ControlPath::Same,
            ..
        } => 39,
        Question::Control {
            path: ControlPath::Root,
            ..
        } => 80,
        Question::Control { .. } => 82,
        Question::Handshake { changes } => match changes.as_slice() {
            [] => 50,
            [change] => change_urgency(change),
            _ => 84,
        },
        Question::Talk { .. } => 90,
        Question::Browser => 95,
        Question::Endure { .. } => 100,
    }
}

/// Repetitions come first, because they are asked only to make sure of a change that helped.
fn change_urgency(change: &Change) -> u8 {
    match change {
        // A port that speaks no TLS answers at once, while each further TLS hello waits in vain.
        Change::OtherScheme => 42,
        Change::Again { .. } => 51,
        Change::Redirected { .. } | Change::EngineIo => 53,
        Change::WithoutSubprotocol => 60,
        Change::Subprotocol { .. } => 61,
        Change::Origin {
            origin: OriginKind::Site | OriginKind::None,
        } => 62,
        Change::Token { .. } | Change::Cookies => 63,
        Change::Origin { .. } | Change::WithoutToken | Change::WithoutCookies => 64,
        Change::BrowserUserAgent => 66,
        Change::BrowserHeaders => 67,
        Change::WithoutExtensions => 68,
        Change::OpenSsl | Change::Direct | Change::HostWithPort => 70,
        Change::Http2 => 72,
        Change::AfterPause { .. } => 76,
        Change::AbsentPath | Change::Port { .. } | Change::Address { .. } => 78,
        Change::Like
        | Change::PathOf
        | Change::HeaderFrom { .. }
        | Change::WithoutHeader { .. } => 96,
    }
}
