//! Refusals whose status says what is the matter, failures without an answer, and failures that come and go.

use super::{flip, screen, silence};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{Change, ControlPath, Response};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, proxy};
use crate::words;

/// A cause that the status itself names.
fn named_by_status(
    evidence: &Evidence<'_>,
    wanted: impl Fn(u16) -> bool,
    summary: &str,
) -> Judgement {
    match flip::with_status(evidence, wanted) {
        Some(_) if proxy::answered_itself(evidence) => Judgement::nothing(),
        Some(refusal) if screen::filter_answers(refusal.fact) => Judgement::nothing(),
        Some(refusal) => Support::certain(summary, flip::answered(&refusal)).into(),
        None => Judgement::nothing(),
    }
}

pub(super) const BAD_REQUEST: Rule = Rule {
    cause: "http-400-generic",
    explains: &[],
    judge: bad_request,
};

fn bad_request(evidence: &Evidence<'_>) -> Judgement {
    if let Some(found) = flip::find(evidence, |change| {
        matches!(
            change,
            Change::WithoutExtensions | Change::WithoutHeader { .. }
        )
    }) {
        let name = match found.change {
            Change::WithoutHeader { name } => name.clone(),
            _ => "Sec-WebSocket-Extensions".into(),
        };
        return flip::case(
            evidence,
            &found,
            format!("The server refuses the handshake because of the header {name}."),
            format!("Without {name}, and with nothing else changed, the handshake is accepted."),
        );
    }
    let Some(refusal) = flip::with_status(evidence, |status| status == 400) else {
        return if flip::unexplained(evidence) {
            Judgement::ask([flip::with(Change::WithoutExtensions)])
        } else {
            Judgement::nothing()
        };
    };
    if !flip::unexplained(evidence) || flip::intermittent(evidence) {
        return Judgement::nothing();
    }
    let words: String = refusal.fact.body.text.trim().chars().take(120).collect();
    let case = Support::likely(
        "The server finds the handshake malformed.",
        refusal.shows(format!(
            "The answer is {}: \"{words}\".",
            flip::status(refusal.fact)
        )),
    )
    .untested("which header the server objects to: its log says");
    let mut ask = vec![flip::with(Change::WithoutExtensions)];
    ask.extend(
        evidence
            .target()
            .header_names
            .iter()
            .take(4)
            .map(|name| flip::with(Change::WithoutHeader { name: name.clone() })),
    );
    Judgement::from(case).and_ask(ask)
}

pub(super) const TRANSPARENT_PROXY: Rule = Rule {
    cause: "http-407-origin",
    explains: &[],
    judge: |evidence| {
        if evidence.target().proxy.is_some() && !evidence.secure() {
            return Judgement::nothing();
        }
        named_by_status(
            evidence,
            |status| status == 407,
            "A proxy that this machine was never told of asks for a log-in: the network intercepts the connection.",
        )
    },
};

pub(super) const MISDIRECTED: Rule = Rule {
    cause: "http-421",
    explains: &[],
    judge: |evidence| {
        named_by_status(
            evidence,
            |status| status == 421,
            "The server that answers does not serve this name on this connection.",
        )
    },
};

pub(super) const UPGRADE_REQUIRED: Rule = Rule {
    cause: "http-426",
    explains: &[],
    judge: upgrade_required,
};

fn upgrade_required(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if markers::wants_other_version(refusal.fact) {
        return Judgement::nothing();
    }
    match refusal.fact.header("sec-websocket-version") {
        Some(versions) if matches!(refusal.fact.status, 400 | 426) => {
            asks_for_what_was_sent(evidence, &refusal, versions)
        }
        _ if refusal.fact.status == 426 => Support::likely(
            "The server says that it got no valid upgrade.",
            flip::answered(&refusal),
        )
        .into(),
        _ => Judgement::nothing(),
    }
}

/// Some servers put their version on every refusal (gorilla/websocket does), so that it only counts where the
/// words speak of it, or where an ordinary request is answered otherwise.
fn asks_for_what_was_sent(
    evidence: &Evidence<'_>,
    refusal: &Seen<'_, Response>,
    versions: &str,
) -> Judgement {
    let summary = "The version that this program sent did not reach the server: it asks for version 13, which was sent.";
    let shows = refusal.shows(format!(
        "The request held `Sec-WebSocket-Version: 13`; the answer is {} with `Sec-WebSocket-Version: {versions}`.",
        flip::status(refusal.fact)
    ));
    if markers::speaks_of_version(refusal.fact) {
        return Support::certain(summary, shows).into();
    }
    match evidence.control(ControlPath::Same) {
        Some(control) if markers::same_answer(control.fact, refusal.fact) => Judgement::nothing(),
        Some(_) => Support::likely(summary, shows).into(),
        None => Judgement::from(Support::likely(summary, shows)).and_ask([Question::Control {
            path: ControlPath::Same,
            plain: false,
        }]),
    }
}

pub(super) const VERSION: Rule = Rule {
    cause: "http-version",
    explains: &["http-426", "http-400-generic", "http-upgrade-stripped"],
    judge: |evidence| match evidence.refusal() {
        Some(refusal) if markers::wants_other_version(refusal.fact) => {
            let versions = refusal.fact.header("sec-websocket-version").unwrap_or("");
            Support::certain(
                format!("The server speaks WebSocket version {versions} and not 13, the only one in use since RFC 6455."),
                refusal.shows(format!("The answer is {} with `Sec-WebSocket-Version: {versions}`.", flip::status(refusal.fact))),
            )
            .into()
        }
        _ => Judgement::nothing(),
    },
};

pub(super) const TOO_MANY: Rule = Rule {
    cause: "http-429",
    explains: &["http-503", "http-403-connect-refused", "http-sticky"],
    judge: too_many,
};

/// The longest pause that a check makes to see whether a limit lifts, in milliseconds.
const PAUSE_MS_MAX: u64 = 5_000;

fn too_many(evidence: &Evidence<'_>) -> Judgement {
    if let Some(found) = flip::find(evidence, |change| {
        matches!(change, Change::AfterPause { .. })
    }) && let Change::AfterPause { pause_ms } = found.change
        && let Some(first) = flip::failed(evidence)
    {
        return Support::certain(
            "The server limits how often or how many connections this address opens.",
            found.opened.shows(format!(
                "After a pause of {} the same handshake is accepted.",
                words::duration(*pause_ms)
            )),
        )
        .and(first.shows(format!("At first it {}.", flip::outcome(&first))))
        .into();
    }
    let Some(refusal) = flip::with_status(evidence, |status| status == 429) else {
        return too_many_later(evidence);
    };
    let wait = refusal.fact.header("retry-after");
    let said = wait.map_or_else(String::new, |seconds| {
        format!(" It asks to wait: `Retry-After: {seconds}`.")
    });
    Judgement::from(Support::certain(
        "The server limits how often or how many connections this address opens.",
        refusal.shows(format!(
            "The answer is {}.{said}",
            flip::status(refusal.fact)
        )),
    ))
    .and_ask(pause(wait))
}

/// The first handshake was let in, and one of those that followed it unchanged was one too many.
fn too_many_later(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = evidence.switched() else {
        return Judgement::nothing();
    };
    let later =
        silence::later_refusals(evidence).find(|refusal| matches!(refusal.fact.status, 429 | 503));
    let Some(later) = later else {
        return Judgement::nothing();
    };
    let confidence = if later.fact.status == 429 {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    Support::new(
        confidence,
        "The server limits how often or how many connections this address opens.",
        later.shows(format!(
            "The same handshake, sent again, is answered {}.",
            flip::status(later.fact)
        )),
    )
    .and(first.shows("The first handshake was accepted."))
    .into()
}

fn pause(retry_after: Option<&str>) -> Option<Question> {
    let pause_ms = match retry_after {
        Some(value) => value.trim().parse::<u64>().ok()?.checked_mul(1_000)?,
        None => 1_000,
    };
    (pause_ms <= PAUSE_MS_MAX).then(|| flip::with(Change::AfterPause { pause_ms }))
}

pub(super) const TOO_LARGE: Rule = Rule {
    cause: "http-431-414",
    explains: &["http-400-generic"],
    judge: too_large,
};

fn too_large(evidence: &Evidence<'_>) -> Judgement {
    if let Some(found) = flip::find(evidence, |change| *change == Change::WithoutCookies) {
        return flip::case(
            evidence,
            &found,
            "The cookies are larger than the server reads.",
            "Without the cookies, and with nothing else changed, the handshake is accepted.",
        );
    }
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if markers::complains_of_size(refusal.fact) {
        let what = if refusal.fact.status == 414 {
            "URL"
        } else {
            "request head, most often its cookies,"
        };
        return Support::certain(
            format!("The {what} is larger than the server reads."),
            flip::answered(&refusal),
        )
        .into();
    }
    let sends_cookie = evidence
        .target()
        .header_names
        .iter()
        .any(|name| name.eq_ignore_ascii_case("cookie"));
    if sends_cookie && flip::unexplained(evidence) {
        Judgement::ask([flip::with(Change::WithoutCookies)])
    } else {
        Judgement::nothing()
    }
}

pub(super) const SERVER_ERROR: Rule = Rule {
    cause: "http-500",
    explains: &[],
    judge: |evidence| {
        named_by_status(
            evidence,
            |status| status == 500,
            "The server's handler failed while it answered the handshake.",
        )
    },
};

pub(super) const BAD_GATEWAY: Rule = Rule {
    cause: "http-502",
    explains: &[],
    judge: |evidence| {
        named_by_status(
            evidence,
            |status| matches!(status, 502 | 520 | 521 | 523 | 525 | 526 | 530),
            "The reverse proxy could not reach the server behind it, or got no valid answer from it.",
        )
    },
};

pub(super) const UNAVAILABLE: Rule = Rule {
    cause: "http-503",
    explains: &[],
    judge: unavailable,
};

fn unavailable(evidence: &Evidence<'_>) -> Judgement {
    match flip::with_status(evidence, |status| status == 503) {
        Some(_) if proxy::answered_itself(evidence) => Judgement::nothing(),
        Some(refusal) if screen::filter_answers(refusal.fact) => Judgement::nothing(),
        Some(refusal) => {
            let case = Support::certain(
                "The server, or the load balancer before it, has no capacity or no healthy backend.",
                flip::answered(&refusal),
            );
            match refusal.fact.header("retry-after") {
                Some(seconds) => case
                    .and(refusal.shows(format!("It asks to wait: `Retry-After: {seconds}`.")))
                    .into(),
                None => case.into(),
            }
        }
        None => Judgement::nothing(),
    }
}
