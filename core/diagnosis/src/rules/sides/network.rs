//! What many sessions of one network, or of all, have in common.
//!
//! These rules speak in a network's own case only, which holds histories and nothing of a single page; in a
//! session's case a history is background.

use super::pattern::{ALIKE_MIN, CLIENTS_MIN, FIRM_MIN, Life, Shape, pattern};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{AttachmentEnd, History, PastEnd, Transport};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const IDLE: Rule = Rule {
    cause: "time-idle",
    explains: &["time-max-life"],
    judge: |evidence| shaped(evidence, |shape| matches!(shape, Shape::Idle(_))),
};

pub(super) const AGE: Rule = Rule {
    cause: "time-max-life",
    explains: &[],
    judge: |evidence| shaped(evidence, |shape| matches!(shape, Shape::Age(_))),
};

pub(super) const BYTES: Rule = Rule {
    cause: "unknown-below-app",
    explains: &[],
    judge: |evidence| shaped(evidence, |shape| matches!(shape, Shape::Bytes(_))),
};

pub(super) const RESET: Rule = Rule {
    cause: "proxy-101-rst",
    explains: &[],
    judge: |evidence| {
        unheard(
            evidence,
            |end| matches!(end, AttachmentEnd::Reset | AttachmentEnd::EndOfStream),
            "open and are cut before the client's first message arrives",
        )
    },
};

pub(super) const MUTE: Rule = Rule {
    cause: "proxy-101-mute",
    explains: &[],
    judge: |evidence| {
        unheard(
            evidence,
            |end| matches!(end, AttachmentEnd::Silent),
            "open, and nothing of the client ever arrives",
        )
    },
};

pub(super) const RELOAD: Rule = Rule {
    cause: "time-reload",
    explains: &["time-max-life", "time-idle"],
    judge: reload,
};

pub(super) const INSPECTED: Rule = Rule {
    cause: "proxy-inspect-strip",
    explains: &[],
    judge: |evidence| {
        stripped(evidence, |network, secure| {
            network != History::ALL && secure
        })
    },
};

pub(super) const PLAIN: Rule = Rule {
    cause: "proxy-plain-ws",
    explains: &[],
    judge: |evidence| {
        stripped(evidence, |network, secure| {
            network != History::ALL && !secure
        })
    },
};

pub(super) const FRONT: Rule = Rule {
    cause: "http-upgrade-stripped",
    explains: &["proxy-inspect-strip", "proxy-plain-ws"],
    judge: |evidence| stripped(evidence, |network, _| network == History::ALL),
};

/// The histories of a case that is a network's own.
fn histories<'a>(evidence: &Evidence<'a>) -> Vec<Seen<'a, History>> {
    let single = evidence.attempts().next().is_some()
        || evidence.attachments().next().is_some()
        || evidence.arrivals().next().is_some()
        || evidence.page_tests().next().is_some();
    if single {
        return Vec::new();
    }
    evidence.histories().collect()
}

/// Which clients are meant, as the end of a sentence.
fn who(history: &History) -> String {
    if history.network == History::ALL {
        "of all clients".into()
    } else {
        format!("from {}", history.network)
    }
}

fn shaped(evidence: &Evidence<'_>, wanted: fn(Shape) -> bool) -> Judgement {
    let found = histories(evidence).into_iter().find_map(|seen| {
        let lives: Vec<Life<'_>> = seen
            .fact
            .ends
            .iter()
            .filter(|end| end.attachment.attached && end.transport().is_websocket())
            .map(|end| Life {
                client: end.client,
                attachment: &end.attachment,
            })
            .collect();
        let cut = lives.iter().filter(|life| life.was_cut()).count();
        let found = pattern(&lives).filter(|found| wanted(found.shape))?;
        Some((seen, found, cut))
    });
    let Some((seen, found, cut)) = found else {
        return Judgement::nothing();
    };
    let confidence = if found.is_firm() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let words = found.shape.words();
    Support::new(
        confidence,
        format!("Connections {} are cut {words}.", who(seen.fact)),
        seen.shows(format!(
            "{} of {cut} connections {} that nobody had ended were cut {words}; {} clients.",
            found.agreeing.len(),
            who(seen.fact),
            found.clients,
        )),
    )
    .untested("a connection with traffic at half the time, which tells a limit of silence from one of age")
    .weighing(60)
    .into()
}

/// WebSockets that the gateway agreed to and of which it heard nothing.
fn unheard(evidence: &Evidence<'_>, ended: fn(&AttachmentEnd) -> bool, what: &str) -> Judgement {
    let found = histories(evidence).into_iter().find_map(|seen| {
        let sockets: Vec<&PastEnd> = seen
            .fact
            .ends
            .iter()
            .filter(|end| end.transport() == Transport::Websocket)
            .collect();
        let unheard: Vec<&&PastEnd> = sockets
            .iter()
            .filter(|end| {
                let fact = &end.attachment;
                let soon = fact.age_ms <= SOON_MS || fact.end == AttachmentEnd::Silent;
                !fact.attached && fact.bytes_up == 0 && ended(&fact.end) && soon
            })
            .collect();
        let clients = distinct(unheard.iter().map(|end| end.client));
        let enough = unheard.len() >= ALIKE_MIN
            && unheard.len() * 3 >= sockets.len() * 2
            && (clients >= CLIENTS_MIN || unheard.len() >= FIRM_MIN);
        enough.then_some((seen, unheard.len(), sockets.len(), clients))
    });
    let Some((seen, unheard, sockets, clients)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        format!("WebSockets {} {what}.", who(seen.fact)),
        seen.shows(format!(
            "{unheard} of {sockets} WebSockets of {clients} clients brought no byte."
        )),
    )
    .untested("what a page in that network sees of it: the check page tells")
    .weighing(65)
    .into()
}

fn stripped(evidence: &Evidence<'_>, applies: fn(&str, bool) -> bool) -> Judgement {
    let secure = evidence.secure();
    let found = histories(evidence).into_iter().find_map(|seen| {
        if !applies(&seen.fact.network, secure) {
            return None;
        }
        let arrivals = &seen.fact.arrivals;
        let lost = arrivals
            .iter()
            .fold(0_u32, |sum, past| sum.saturating_add(past.lost_upgrade));
        let whole = arrivals
            .iter()
            .fold(0_u32, |sum, past| sum.saturating_add(past.whole));
        let clients = arrivals.iter().filter(|past| past.lost_upgrade > 0).count();
        // In all networks together, one that works shows that the front passes upgrades on.
        let agree = if seen.fact.network == History::ALL {
            whole == 0 && clients >= CLIENTS_MIN
        } else {
            clients >= CLIENTS_MIN || lost as usize >= FIRM_MIN
        };
        let enough = lost as usize >= ALIKE_MIN && lost >= whole.saturating_mul(2);
        (enough && agree).then_some((seen, lost, whole, clients))
    });
    let Some((seen, lost, whole, clients)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        format!(
            "WebSockets {} arrive without their upgrade.",
            who(seen.fact)
        ),
        seen.shows(format!(
            "{lost} of {} WebSocket requests had lost their upgrade; {clients} clients.",
            lost.saturating_add(whole)
        )),
    )
    .weighing(70)
    .into()
}

/// Connections of many clients and ages that end in one moment. What the gateway ended itself is no cut, and the end of
/// a streamed response may be a tab that was closed.
fn reload(evidence: &Evidence<'_>) -> Judgement {
    let found = histories(evidence)
        .into_iter()
        .filter(|seen| seen.fact.network == History::ALL)
        .find_map(|seen| {
            let mut cut: Vec<&PastEnd> = seen
                .fact
                .ends
                .iter()
                .filter(|end| {
                    matches!(
                        end.attachment.end,
                        AttachmentEnd::Reset | AttachmentEnd::EndOfStream
                    ) && end.attachment.attached
                        && end.transport().is_websocket()
                })
                .collect();
            cut.sort_by_key(|end| end.at_ms);
            let group = (0..cut.len())
                .map(|begin| {
                    let from = cut[begin].at_ms;
                    let count = cut[begin..]
                        .iter()
                        .take_while(|end| end.at_ms.saturating_sub(from) <= MOMENT_MS)
                        .count();
                    &cut[begin..begin + count]
                })
                .max_by_key(|group| group.len())?;
            let clients = distinct(group.iter().map(|end| end.client));
            let ages = group.iter().map(|end| end.attachment.age_ms);
            let spread = ages.clone().max()? - ages.min()?;
            // On a busy site some always end in any moment: it must be most of those that ended, then and at all.
            let from = group.first()?.at_ms;
            let ended_then = seen
                .fact
                .ends
                .iter()
                .filter(|end| (from..=from.saturating_add(MOMENT_MS)).contains(&end.at_ms))
                .count();
            let most = group.len() * 3 >= ended_then * 2 && group.len() * 2 >= cut.len();
            let many = group.len() >= FIRM_MIN && clients >= ALIKE_MIN;
            let together = most && many && spread > MOMENT_MS;
            together.then_some((seen, group.len(), clients, spread))
        });
    let Some((seen, count, clients, spread)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        format!(
            "{count} connections of {clients} clients were cut in one moment, whatever their age: something before the gateway dropped them all."
        ),
        seen.shows(format!(
            "{count} connections ended within {}; their ages differ by {}.",
            duration(MOMENT_MS),
            duration(spread)
        )),
    )
    .untested("whether a proxy or load balancer in front was reloaded at that time: its log tells")
    .weighing(65)
    .into()
}

fn distinct(clients: impl Iterator<Item = u32>) -> usize {
    clients.collect::<std::collections::BTreeSet<u32>>().len()
}

/// A cut at the first frame comes within this time of the opening.
const SOON_MS: u64 = 5_000;
/// What ends together ends within this time.
const MOMENT_MS: u64 = 2_000;
