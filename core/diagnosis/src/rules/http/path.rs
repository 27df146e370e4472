//! The request reaches something that is not the WebSocket endpoint: a page, a redirect, another protocol.

use super::flip;
use crate::evidence::{Evidence, opened};
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{Change, ControlPath, Failure, HandshakeOutcome};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

const CONTROL_SAME: Question = Question::Control {
    path: ControlPath::Same,
    plain: false,
};

pub(super) const REDIRECT: Rule = Rule {
    cause: "http-redirect",
    explains: &[],
    judge: redirect,
};

fn redirect(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if !matches!(refusal.fact.status, 301 | 302 | 303 | 307 | 308) {
        return Judgement::nothing();
    }
    let Some(location) = refusal.fact.header("location") else {
        return Support::likely(
            "The server redirects the handshake and does not say where to.",
            refusal.shows(format!(
                "The answer is {} without a Location.",
                flip::status(refusal.fact)
            )),
        )
        .into();
    };
    let shows = refusal.shows(format!(
        "The answer is {} with `Location: {location}`.",
        flip::status(refusal.fact)
    ));
    let followed = evidence
        .handshakes()
        .find(|seen| matches!(seen.fact.changes.as_slice(), [Change::Redirected { .. }]));
    match followed {
        Some(seen) if opened(&seen).is_some() => Support::certain(
            format!("The WebSocket lives at another address: the server redirects to {location}, and browsers do not follow redirects of a WebSocket."),
            shows,
        )
        .and(seen.shows("At the redirect's target the handshake is accepted."))
        .into(),
        Some(seen) => Support::new(
            // A redirect to another host may be the network's portal, so it is not certain to be the server's.
            if super::screen::leads_elsewhere(evidence, refusal.fact) {
                Confidence::Likely
            } else {
                Confidence::Certain
            },
            format!("The server redirects the handshake to {location}, and browsers do not follow redirects of a WebSocket."),
            shows,
        )
        .and(seen.shows(format!("At the redirect's target the handshake {}.", flip::outcome(&seen))))
        .into(),
        None => Judgement::from(Support::likely(
            format!("The server redirects the handshake to {location}, and browsers do not follow redirects of a WebSocket."),
            shows,
        ))
        .and_ask([flip::with(Change::Redirected { location: location.to_owned() })]),
    }
}

pub(super) const NOT_FOUND: Rule = Rule {
    cause: "http-404",
    explains: &[],
    judge: not_found,
};

fn not_found(evidence: &Evidence<'_>) -> Judgement {
    let summary = format!(
        "There is no WebSocket at the path `{}`.",
        evidence.target().path.split('?').next().unwrap_or("/")
    );
    let Some(refusal) = evidence.refusal() else {
        return unanswered(evidence, summary);
    };
    if !matches!(refusal.fact.status, 404 | 410)
        || markers::is_socket_io(refusal.fact)
        || flip::intermittent(evidence)
        || flip::find(evidence, |_| true).is_some()
    {
        return Judgement::nothing();
    }
    let case = Support::likely(
        summary,
        refusal.shows(format!(
            "The answer is {}{}.",
            flip::status(refusal.fact),
            markers::writer(refusal.fact)
        )),
    );
    let case = match evidence.control(ControlPath::Same) {
        Some(control) if control.fact.status == refusal.fact.status => {
            case.and(control.shows("An ordinary request for the same path is answered alike."))
        }
        Some(control) if control.fact.status < 400 => case.but(control.shows(format!(
            "An ordinary request for the same path is answered {}.",
            flip::status(control.fact)
        ))),
        _ => case,
    };
    Judgement::from(
        case.untested("the path in the server's or the reverse proxy's own configuration")
            .weighing(60),
    )
    .and_ask([CONTROL_SAME])
}

/// Some servers hang up on an upgrade at a path that has none, and say 404 to an ordinary request.
fn unanswered(evidence: &Evidence<'_>, summary: String) -> Judgement {
    let Some(first) = flip::failed(evidence) else {
        return Judgement::nothing();
    };
    match evidence.control(ControlPath::Same) {
        Some(control) if matches!(control.fact.status, 404 | 410) => Support::likely(
            summary,
            control.shows(format!(
                "An ordinary request for the same path is answered {}.",
                flip::status(control.fact)
            )),
        )
        .and(first.shows(format!("The handshake {}.", flip::outcome(&first))))
        .into(),
        _ => Judgement::ask([CONTROL_SAME]),
    }
}

pub(super) const APP_PAGE: Rule = Rule {
    cause: "http-200-app",
    explains: &["http-upgrade-stripped"],
    judge: app_page,
};

fn app_page(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return page_beside_silence(evidence);
    };
    if !(200..300).contains(&refusal.fact.status) || refusal.fact.has("sec-websocket-accept") {
        return Judgement::nothing();
    }
    let what = if markers::is_html(refusal.fact) {
        "a web page"
    } else {
        "an ordinary answer"
    };
    let summary = format!("The path serves {what}, not a WebSocket.");
    let shows = refusal.shows(format!(
        "The handshake is answered {} with {what}.",
        flip::status(refusal.fact)
    ));
    match evidence.control(ControlPath::Same) {
        Some(_) if super::hop::small_talk_passed_on(refusal.fact) => {
            Support::possible(summary, shows).into()
        }
        Some(control) if markers::same_answer(control.fact, refusal.fact) => {
            Support::likely(summary, shows)
                .and(
                    control
                        .shows("An ordinary request for the same path gets the very same answer."),
                )
                .untested("whether a reverse proxy drops Upgrade before the server sees it")
                .weighing(60)
                .into()
        }
        Some(_) => Support::possible(summary, shows).into(),
        None => Judgement::from(Support::possible(summary, shows)).and_ask([CONTROL_SAME]),
    }
}

/// Some servers hang up on an upgrade at a path that serves only ordinary requests.
fn page_beside_silence(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = flip::failed(evidence) else {
        return Judgement::nothing();
    };
    let hung_up = matches!(&first.fact.outcome, HandshakeOutcome::Failed(failed)
        if matches!(failed.failure, Failure::EndOfStream | Failure::Reset));
    match evidence.control(ControlPath::Same) {
        Some(control) if hung_up && (200..300).contains(&control.fact.status) => Support::possible(
            "The path serves ordinary requests, and the connection is ended as soon as one asks for a WebSocket.",
            first.shows(format!("The handshake {}.", flip::outcome(&first))),
        )
        .and(control.shows(format!(
            "An ordinary request for the same path is answered {}.",
            flip::status(control.fact)
        )))
        .untested("whether the server or a hop before it hangs up: the server's own log tells")
        .into(),
        _ => Judgement::nothing(),
    }
}

pub(super) const SOCKET_IO: Rule = Rule {
    cause: "http-400-socketio",
    explains: &[
        "http-400-generic",
        "http-403-connect-refused",
        "http-404",
        "http-upgrade-stripped",
    ],
    judge: |evidence| {
        let Some(refusal) = evidence.refusal() else {
            return Judgement::nothing();
        };
        if !markers::is_socket_io(refusal.fact) || flip::intermittent(evidence) {
            return Judgement::nothing();
        }
        let quoted: String = refusal.fact.body.text.trim().chars().take(120).collect();
        Support::new(
            // An unknown session may also be one that another node knows; repetitions tell.
            if quoted.contains("Session ID unknown") && evidence.repetitions().next().is_none() {
                Confidence::Likely
            } else {
                Confidence::Certain
            },
            "The path is a Socket.IO (Engine.IO) endpoint, which a plain WebSocket client cannot use.",
            refusal.shows(format!("The answer is {} with Engine.IO's own error: {quoted}", flip::status(refusal.fact))),
        )
        .weighing(60)
        .into()
    },
};

pub(super) const WRONG_SERVICE: Rule = Rule {
    cause: "http-wrong-service",
    explains: &["http-400-generic", "unknown-below-app"],
    judge: wrong_service,
};

fn wrong_service(evidence: &Evidence<'_>) -> Judgement {
    let Some(seen) = flip::failed(evidence) else {
        return Judgement::nothing();
    };
    let HandshakeOutcome::Failed(failed) = &seen.fact.outcome else {
        return signalr(evidence);
    };
    let Failure::NotHttp { first_bytes } = &failed.failure else {
        return Judgement::nothing();
    };
    if looks_binary(first_bytes) {
        return Judgement::nothing();
    }
    Support::certain(
        format!(
            "Port {} belongs to another service: what answers is not HTTP.",
            evidence.target().port
        ),
        seen.shows(format!("The handshake is answered with \"{first_bytes}\".")),
    )
    .into()
}

/// TLS records and HTTP/2 frames are other causes' marks.
fn looks_binary(first_bytes: &str) -> bool {
    first_bytes.starts_with("\\x15\\x03")
        || first_bytes.starts_with("\\x00")
        || first_bytes.starts_with("\\x16\\x03")
}

fn signalr(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let lower = refusal.fact.body.text.to_ascii_lowercase();
    if refusal.fact.status >= 400
        && (lower.contains("connection id required")
            || lower.contains("no connection with that id"))
    {
        return Support::certain(
            "The path is a SignalR hub, which wants its own negotiation first.",
            refusal.shows(format!(
                "The answer is {} and says \"{}\".",
                flip::status(refusal.fact),
                refusal.fact.body.text.trim()
            )),
        )
        .weighing(60)
        .into();
    }
    Judgement::nothing()
}

pub(super) const METHOD: Rule = Rule {
    cause: "http-405-501",
    explains: &["http-upgrade-stripped"],
    judge: |evidence| {
        let Some(refusal) = evidence.refusal() else {
            return Judgement::nothing();
        };
        if !matches!(refusal.fact.status, 405 | 501) || markers::complaint(refusal.fact).is_some() {
            return Judgement::nothing();
        }
        let allow = refusal
            .fact
            .header("allow")
            .map_or_else(String::new, |allow| format!("; it allows {allow}"));
        Judgement::from(
            Support::certain(
                "What answers at this path does not take a GET with Upgrade.",
                refusal.shows(format!(
                    "The answer is {}{allow}.",
                    flip::status(refusal.fact)
                )),
            )
            .weighing(45),
        )
    },
};
