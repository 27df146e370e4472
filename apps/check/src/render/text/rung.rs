//! An answer as lines of the ladder: the rung itself, and variations of it below.

use towpath_diagnosis::observation::{
    BrowserCapture, BrowserOutcome, ConnectionOutcome, Conversation, Environment, Exchange,
    ExchangeOutcome, Handshake, HandshakeOutcome, NameOutcome, Resolution, TlsAttempt, TlsOutcome,
    TlsVariation, TunnelOutcome,
};
use towpath_diagnosis::question::Rung;
use towpath_diagnosis::words::{duration, failure};
use towpath_diagnosis::{Fact, Observation, Question};

use super::phrase;

/// How a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Held,
    Failed,
    Skipped,
    /// A variation; whether it got through is told by colour and words.
    Variation {
        through: bool,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mark: Mark,
    /// The rung, or for a variation what was varied.
    pub(super) asked: String,
    pub(super) result: String,
    pub(super) elapsed_ms: Option<u64>,
}

impl Line {
    fn rung(rung: Rung, held: bool, result: String, elapsed_ms: u64) -> Self {
        Self {
            mark: if held { Mark::Held } else { Mark::Failed },
            asked: label(rung).to_owned(),
            result,
            elapsed_ms: Some(elapsed_ms),
        }
    }

    fn variation(through: bool, asked: String, result: String, elapsed_ms: u64) -> Self {
        Self {
            mark: Mark::Variation { through },
            asked,
            result,
            elapsed_ms: Some(elapsed_ms),
        }
    }
}

/// What a reader of the ladder knows already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Whether `--expect` asks for an answer.
    pub(super) answer_due: bool,
    /// Whether the target is `ws`, so that TLS is no rung of its own.
    pub(super) plain: bool,
    /// Whether the target is this machine's usual name, which every hosts file has.
    pub(super) localhost: bool,
    /// Whether the rung of messages was drawn.
    pub(super) talked: bool,
}

/// The lines for the answer to one question. The observations are its own, in order.
pub(super) fn lines(observations: &[Observation], known: Known) -> Vec<Line> {
    let question = observations.iter().find_map(|one| one.answers.clone());
    let mut lines = match &question {
        Some(question) => answer(question, observations, known),
        None => Vec::new(),
    };
    lines.extend(observations.iter().filter_map(|one| match &one.fact {
        Fact::NotTested { question, reason } => Some(Line {
            mark: Mark::Skipped,
            asked: label(question.rung()).to_owned(),
            result: reason.clone(),
            elapsed_ms: None,
        }),
        _ => None,
    }));
    lines
}

/// How much a browser's socket tells: one that opened with the page's own words, one that opened, any.
fn tells(seen: &BrowserCapture) -> u8 {
    let opened = matches!(seen.outcome, BrowserOutcome::Opened { .. });
    let speaks = seen.messages.iter().any(|message| message.sent);
    u8::from(opened) + u8::from(opened && speaks)
}

fn answer(question: &Question, observations: &[Observation], known: Known) -> Vec<Line> {
    match question {
        Question::Connect => connections(observations),
        Question::Talk { .. } => talk(observations, known),
        Question::Endure { watch_ms } => endure(*watch_ms, observations),
        Question::Browser => observations
            .iter()
            .filter_map(|one| match &one.fact {
                Fact::Browser(seen) => Some((seen, single(question, &one.fact, known)?)),
                _ => None,
            })
            .max_by_key(|(seen, _)| tells(seen))
            .map(|(_, line)| line)
            .into_iter()
            .collect(),
        // Each step of the dial is a fact; the last one of the wanted kind is the answer.
        _ => observations
            .iter()
            .rev()
            .find_map(|one| single(question, &one.fact, known))
            .into_iter()
            .collect(),
    }
}

fn single(question: &Question, fact: &Fact, known: Known) -> Option<Line> {
    let rung = question.rung();
    Some(match (question, fact) {
        (Question::Environment, Fact::Environment(environment)) => Line {
            elapsed_ms: None,
            ..Line::rung(rung, true, settings(environment, known), 0)
        },
        (Question::Resolve, Fact::Resolution(seen)) => {
            let result = format!("{}: {}", seen.name, phrase::name(&seen.outcome));
            Line::rung(rung, has_addresses(seen), result, seen.elapsed_ms)
        }
        (Question::ResolveDirect, Fact::Resolution(seen)) => Line::variation(
            has_addresses(seen),
            phrase::resolver(&seen.resolver),
            phrase::name(&seen.outcome),
            seen.elapsed_ms,
        ),
        (Question::ConnectPort { port }, Fact::Connection(seen)) => {
            let (connected, result) = connection(&seen.outcome);
            Line::variation(connected, format!("port {port}"), result, seen.elapsed_ms)
        }
        (Question::Tunnel { port }, Fact::Tunnel(seen)) => {
            let held = seen.outcome == TunnelOutcome::Established;
            let outcome = phrase::tunnel(&seen.outcome);
            let result = format!("{} to port {port}: {outcome}", seen.proxy);
            Line::rung(rung, held, result, seen.elapsed_ms)
        }
        (Question::Tls(variation), Fact::Tls(seen)) if seen.variation == *variation => {
            tls(seen, known)
        }
        (Question::Control { plain, .. }, Fact::Exchange(seen)) => exchange(seen, *plain),
        (Question::Handshake { .. }, Fact::Handshake(seen)) => handshake(seen),
        (Question::Browser, Fact::Browser(seen)) => {
            let outcome = phrase::browser(seen);
            let result = match seen.browser.as_str() {
                "" => outcome,
                name => format!("{name}: {outcome}"),
            };
            let mark = match seen.outcome {
                BrowserOutcome::Opened { .. } => Mark::Held,
                BrowserOutcome::Failed { .. } => Mark::Failed,
                BrowserOutcome::Unavailable { .. } => Mark::Skipped,
            };
            Line {
                mark,
                ..Line::rung(rung, true, result, seen.elapsed_ms)
            }
        }
        _ => return None,
    })
}

fn has_addresses(seen: &Resolution) -> bool {
    matches!(seen.outcome, NameOutcome::Addresses(_))
}

fn tls(seen: &TlsAttempt, known: Known) -> Line {
    let (held, result) = match &seen.outcome {
        TlsOutcome::Established(tls) => (tls.trust.accepted, phrase::tls(tls)),
        TlsOutcome::Failed(reason) => (false, failure(reason)),
    };
    if seen.variation == TlsVariation::Ordinary && known.plain {
        Line::variation(held, "with TLS".to_owned(), result, seen.elapsed_ms)
    } else if seen.variation == TlsVariation::Ordinary {
        Line::rung(Rung::Tls, held, result, seen.elapsed_ms)
    } else {
        Line::variation(
            held,
            phrase::variation(&seen.variation),
            result,
            seen.elapsed_ms,
        )
    }
}

fn exchange(seen: &Exchange, plain: bool) -> Line {
    let (answered, result) = match &seen.outcome {
        ExchangeOutcome::Answered { response } => (true, phrase::answer(response)),
        ExchangeOutcome::Failed(failed) => (false, phrase::failed(failed)),
    };
    let over = if plain { ", over http" } else { "" };
    let asked = format!("{}{over}", phrase::control(seen.path));
    Line::variation(answered, asked, result, seen.elapsed_ms)
}

fn handshake(seen: &Handshake) -> Line {
    let opened = matches!(
        &seen.outcome,
        HandshakeOutcome::Switched(switched) if switched.deviations.is_empty()
    );
    let result = phrase::handshake(&seen.outcome);
    if seen.changes.is_empty() {
        Line::rung(Rung::Handshake, opened, result, seen.elapsed_ms)
    } else {
        Line::variation(
            opened,
            phrase::changes(&seen.changes),
            result,
            seen.elapsed_ms,
        )
    }
}

fn settings(environment: &Environment, known: Known) -> String {
    let used = environment.proxies.iter().find(|setting| setting.used);
    let mut text = match used {
        Some(setting) => format!("proxy {} ({})", setting.proxy, setting.source),
        None if environment.proxies.is_empty() => "no proxy".to_owned(),
        None => "no proxy for this target".to_owned(),
    };
    if !environment.hosts_file.is_empty() && !known.localhost {
        text.push_str("; the hosts file names the target");
    }
    text
}

fn connection(outcome: &ConnectionOutcome) -> (bool, String) {
    match outcome {
        ConnectionOutcome::Connected => (true, "connected".to_owned()),
        ConnectionOutcome::Failed(reason) => (false, failure(reason)),
    }
}

/// One address makes a rung; several make a rung with a line for each.
fn connections(observations: &[Observation]) -> Vec<Line> {
    let seen: Vec<_> = observations
        .iter()
        .filter_map(|one| match &one.fact {
            Fact::Connection(seen) => Some(seen),
            _ => None,
        })
        .collect();
    let all: Vec<Line> = seen
        .iter()
        .map(|seen| {
            let (connected, result) = connection(&seen.outcome);
            let to = if seen.to_proxy { "proxy " } else { "" };
            Line::variation(
                connected,
                format!("{to}{}", seen.address),
                result,
                seen.elapsed_ms,
            )
        })
        .collect();
    let connected = all
        .iter()
        .filter(|line| line.mark == Mark::Variation { through: true })
        .count();
    let longest = seen.iter().map(|seen| seen.elapsed_ms).max().unwrap_or(0);
    if let [only] = all.as_slice() {
        let result = format!("{}: {}", only.asked, only.result);
        return vec![Line::rung(Rung::Connection, connected > 0, result, longest)];
    }
    let result = match all.len() {
        0 => "no address to connect to".to_owned(),
        many => format!("{connected} of {many} addresses connected"),
    };
    let mut lines = vec![Line::rung(Rung::Connection, connected > 0, result, longest)];
    lines.extend(all);
    lines
}

/// Exercises that went well share the rung's line; each of the others has its own. A later socket has
/// only lines of its own.
fn talk(observations: &[Observation], known: Known) -> Vec<Line> {
    let all: Vec<&Conversation> = observations
        .iter()
        .filter_map(|one| match &one.fact {
            Fact::Conversation(seen) => Some(seen),
            _ => None,
        })
        .collect();
    let Some(first) = all.first() else {
        let not_open = observations.iter().rev().find_map(|one| match &one.fact {
            Fact::Handshake(seen) => Some((phrase::handshake(&seen.outcome), seen.elapsed_ms)),
            _ => None,
        });
        let (result, elapsed_ms) = not_open.unwrap_or(("the socket did not open".to_owned(), 0));
        return vec![Line::rung(Rung::Messages, false, result, elapsed_ms)];
    };
    let (well, badly): (Vec<&Conversation>, Vec<&Conversation>) =
        all.iter().partition(|seen| seen.passed(known.answer_due));
    let well_listed = if well.len() <= LISTED_MAX {
        let listed: Vec<String> = well
            .iter()
            .filter_map(|seen| phrase::passed(seen))
            .collect();
        listed.join(", ")
    } else {
        format!("{} of {} exercises came through", well.len(), all.len())
    };
    let with = if first.changes.is_empty() {
        String::new()
    } else {
        format!(" ({})", phrase::changes(&first.changes))
    };
    let elapsed_ms = all.iter().map(|seen| seen.elapsed_ms).sum();
    let mut lines = Vec::new();
    if !known.talked {
        let result = if well_listed.is_empty() {
            "nothing came through".to_owned()
        } else {
            well_listed
        };
        lines.push(Line::rung(
            Rung::Messages,
            badly.is_empty(),
            result + &with,
            elapsed_ms,
        ));
    } else if badly.is_empty() {
        let asked = format!("another socket{with}");
        lines.push(Line::variation(true, asked, well_listed, elapsed_ms));
    }
    lines.extend(badly.iter().map(|seen| {
        let asked = phrase::exercise(&seen.exercise) + &with;
        Line::variation(false, asked, phrase::outcome(seen), seen.elapsed_ms)
    }));
    lines
}

fn endure(watch_ms: u64, observations: &[Observation]) -> Vec<Line> {
    let all = || {
        observations.iter().filter_map(|one| match &one.fact {
            Fact::Endurance(seen) => Some(seen),
            _ => None,
        })
    };
    let outlived = all().filter(|seen| seen.ended.is_none()).count();
    let total = all().count();
    let watched_ms = all().map(|seen| seen.lived_ms).max().unwrap_or(0);
    let result = if watched_ms < watch_ms * 3 / 4 && outlived > 0 {
        let (watched, planned) = (duration(watched_ms), duration(watch_ms));
        format!("{outlived} of {total} sockets open after {watched} (of {planned})")
    } else {
        format!(
            "{outlived} of {total} sockets outlived {}",
            duration(watch_ms)
        )
    };
    let mut lines = vec![Line::rung(Rung::Time, outlived == total, result, watch_ms)];
    lines.extend(all().map(|seen| Line {
        elapsed_ms: None,
        ..Line::variation(
            seen.ended.is_none(),
            phrase::traffic(&seen.traffic),
            phrase::endurance(seen),
            0,
        )
    }));
    lines
}

/// The word for a rung.
pub(crate) fn label(rung: Rung) -> &'static str {
    match rung {
        Rung::Environment => "settings",
        Rung::Name => "name",
        Rung::Connection => "connection",
        Rung::Proxy => "proxy",
        Rung::Tls => "tls",
        Rung::Control => "http",
        Rung::Handshake => "handshake",
        Rung::Browser => "browser",
        Rung::Messages => "messages",
        Rung::Time => "time",
    }
}

/// Up to so many exercises are named one by one.
const LISTED_MAX: usize = 5;
