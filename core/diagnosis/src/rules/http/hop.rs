//! A hop before the server loses or changes what makes a request a handshake.

use super::flip;
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::markers::{self, Complaint};
use crate::observation::{ControlPath, Response};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const UPGRADE_STRIPPED: Rule = Rule {
    cause: "http-upgrade-stripped",
    explains: &["http-426", "http-400-generic", "http-200-app"],
    judge: upgrade_stripped,
};

fn upgrade_stripped(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if markers::speaks_of_version(refusal.fact) {
        return Judgement::nothing();
    }
    match markers::complaint(refusal.fact) {
        Some((Complaint::UpgradeMissing | Complaint::ConnectionMissing | Complaint::NotAHandshake, quoted)) => {
            Support::certain(
                summary(refusal.fact),
                refusal.shows(format!(
                    "The request held `Upgrade: websocket` and `Connection: Upgrade`; the answer is {} and says \"{quoted}\".",
                    flip::status(refusal.fact)
                )),
            )
            .into()
        }
        Some((complaint @ (Complaint::ConnectionWrong | Complaint::ConnectionUnclear), quoted)) => Support::likely(
            summary(refusal.fact),
            refusal.shows(format!("The answer is {} and says \"{quoted}\".", flip::status(refusal.fact))),
        )
        // Default configurations lose both headers; only a value that arrived says that one hop passed Connection on.
        .weighing(if complaint == Complaint::ConnectionWrong { 45 } else { 65 })
        .untested("whether Upgrade arrived while Connection did not: the server's own log tells")
        .into(),
        Some((Complaint::UpgradeWrong | Complaint::Http10, _)) => Judgement::nothing(),
        None => by_likeness(evidence, &refusal),
    }
}

/// A 426 needs no words: it asks for what the request held. Other refusals only count when an
/// ordinary request gets the very same answer.
fn by_likeness(evidence: &Evidence<'_>, refusal: &Seen<'_, Response>) -> Judgement {
    let control = Question::Control {
        path: ControlPath::Same,
        plain: false,
    };
    let same = evidence
        .control(ControlPath::Same)
        .filter(|control| markers::same_answer(control.fact, refusal.fact));
    if refusal.fact.status == 426 {
        let shows = refusal.shows(
            "The server asks for an upgrade (426) although the request held `Upgrade: websocket`.",
        );
        return match (same, evidence.control(ControlPath::Same)) {
            (Some(control), _) => Support::certain(summary(refusal.fact), shows)
                .and(control.shows("The same path without Upgrade gets the very same answer: to the server both requests look alike."))
                .into(),
            (None, Some(control)) => Support::possible(summary(refusal.fact), shows)
                .but(control.shows(format!(
                    "The same path without Upgrade is answered otherwise, {}: the two requests do not look alike.",
                    flip::status(control.fact)
                )))
                .into(),
            (None, None) => {
                Judgement::from(Support::likely(summary(refusal.fact), shows)).and_ask([control])
            }
        };
    }
    let plausible = matches!(refusal.fact.status, 200 | 400 | 404 | 405 | 501)
        && (flip::unexplained(evidence) || refusal.fact.status != 400)
        && !markers::is_socket_io(refusal.fact)
        && markers::captive_portal(refusal.fact).is_none()
        && markers::block_page(refusal.fact).is_none()
        && markers::challenge(refusal.fact).is_none();
    if !plausible {
        return Judgement::nothing();
    }
    match same {
        Some(control) => {
            // A server that takes a sound handshake for malformed, exactly as it takes a plain request, did
            // not see one. And a path that a reverse proxy passes on is rarely a wrong one.
            let passed_on =
                relayed(refusal.fact) || markers::answers_plain_requests_only(refusal.fact);
            let malformed = refusal.fact.status == 400 && !written_by_relay(refusal.fact);
            let small_talk = refusal.fact.status == 200 && small_talk_passed_on(refusal.fact);
            let confidence = if malformed || small_talk || (refusal.fact.status == 404 && passed_on)
            {
                Confidence::Likely
            } else {
                Confidence::Possible
            };
            Support::new(
                confidence,
                summary(refusal.fact),
                control.shows(format!(
                    "The same path without Upgrade gets the very same answer, {}{}.",
                    flip::status(control.fact),
                    markers::writer(control.fact)
                )),
            )
            .untested("the same handshake sent straight to the server, past the reverse proxy (--resolve)")
            .weighing(if passed_on { 65 } else { 40 })
            .into()
        }
        None => Judgement::ask([control]),
    }
}

/// Whether a reverse proxy names itself and the page is not its own.
fn relayed(response: &Response) -> bool {
    relay(response).is_some() && !response.body.text.is_empty() && !written_by_relay(response)
}

/// Whether a short answer that is neither page nor data was passed on by a reverse proxy, whose own answers
/// always name a type and a length: what programs say to requests that they did not expect.
pub(super) fn small_talk_passed_on(response: &Response) -> bool {
    let kind = response.header("content-type").map(str::to_ascii_lowercase);
    let plain = kind
        .as_deref()
        .is_none_or(|kind| kind.starts_with("text/plain"));
    let from_behind = kind.is_none_or(|kind| kind.contains("charset"))
        || response.has("transfer-encoding")
        || response.has("x-powered-by");
    plain
        && from_behind
        && relayed(response)
        && !markers::is_html(response)
        && response.body.bytes <= SMALL_TALK_BYTES_MAX
}

const SMALL_TALK_BYTES_MAX: u64 = 200;

/// Whether the page is one that a reverse proxy writes by itself.
fn written_by_relay(response: &Response) -> bool {
    let body = response.body.text.to_ascii_lowercase();
    [
        "<center>nginx",
        "<center>openresty",
        "<address>apache",
        "was not found on this server",
        "the resource could not be found",
    ]
    .iter()
    .any(|own| body.contains(own))
}

fn summary(response: &Response) -> String {
    match relay(response) {
        Some(relay) => format!("A reverse proxy ({relay}) does not pass the Upgrade header on: the server behind it sees an ordinary request."),
        None => "Something between this program and the server does not pass the Upgrade header on: the server sees an ordinary request.".into(),
    }
}

/// The reverse proxy that an answer names, in words.
fn relay(response: &Response) -> Option<String> {
    if let Some(via) = response.header("via") {
        return Some(format!("Via: {via}"));
    }
    let server = response.header("server")?;
    let lower = server.to_ascii_lowercase();
    [
        "nginx",
        "openresty",
        "haproxy",
        "caddy",
        "envoy",
        "istio",
        "traefik",
        "apache",
        "varnish",
        "cloudflare",
        "awselb",
        "microsoft-iis",
        "lighttpd",
        "httpd",
        "squid",
        "tengine",
        "litespeed",
    ]
    .iter()
    .any(|name| lower.contains(name))
    .then(|| format!("Server: {server}"))
}

fn complains<'a>(
    evidence: &Evidence<'a>,
    wanted: Complaint,
) -> Option<(Seen<'a, Response>, String)> {
    let refusal = evidence.refusal()?;
    let (complaint, quoted) = markers::complaint(refusal.fact)?;
    (complaint == wanted).then_some((refusal, quoted))
}

pub(super) const UPGRADE_EMPTY: Rule = Rule {
    cause: "http-upgrade-empty",
    explains: &["http-400-generic", "http-426", "http-upgrade-stripped"],
    judge: |evidence| {
        match complains(evidence, Complaint::UpgradeWrong) {
        Some((refusal, quoted)) => Support::certain(
            "The Upgrade header reaches the server with a wrong value: a hop writes something else than `websocket` into it.",
            refusal.shows(format!(
                "The request held `Upgrade: websocket`; the answer is {} and says \"{quoted}\".",
                flip::status(refusal.fact)
            )),
        )
        .into(),
        None => Judgement::nothing(),
    }
    },
};

pub(super) const CONNECTION_CLOSE: Rule = Rule {
    cause: "http-conn-close",
    explains: &["http-400-generic", "http-426"],
    judge: |evidence| {
        match complains(evidence, Complaint::ConnectionWrong) {
        Some((refusal, quoted)) => Support::likely(
            "The Connection header reaches the server without the word `Upgrade`: a hop passes Upgrade on and not Connection.",
            refusal.shows(format!(
                "The request held `Connection: Upgrade`; the answer is {} and says \"{quoted}\".",
                flip::status(refusal.fact)
            )),
        )
        .untested("whether Upgrade arrived: the server's own log tells")
        .weighing(60)
        .into(),
        None => Judgement::nothing(),
    }
    },
};

pub(super) const HTTP_1_0: Rule = Rule {
    cause: "http-10-hop",
    explains: &[
        "http-400-generic",
        "http-426",
        "http-upgrade-stripped",
        "http-404",
        "http-405-501",
        "http-500",
    ],
    judge: http_1_0,
};

fn http_1_0(evidence: &Evidence<'_>) -> Judgement {
    let summary = "A hop before the server speaks HTTP/1.0, which has no Upgrade.";
    if let Some((refusal, quoted)) = complains(evidence, Complaint::Http10) {
        return Support::certain(
            summary,
            refusal.shows(format!(
                "The request was HTTP/1.1; the answer is {} and says \"{quoted}\".",
                flip::status(refusal.fact)
            )),
        )
        .weighing(60)
        .into();
    }
    if let Some(refusal) = evidence.refusal()
        && refusal.fact.status == 505
    {
        return Support::likely(
            summary,
            refusal.shows("The request was HTTP/1.1; the answer is 505, for a version that the server does not support."),
        )
        .weighing(60)
        .into();
    }
    if let Some(refusal) = evidence.refusal()
        && let Some(via) = refusal.fact.header("via")
        && via.split(',').any(|hop| hop.trim().starts_with("1.0 "))
    {
        return Support::certain(
            summary,
            refusal.shows(format!(
                "The answer passed a hop that says so: `Via: {via}`."
            )),
        )
        .weighing(60)
        .into();
    }
    if let Some(switched) = evidence.switched()
        && switched.fact.response.version == "HTTP/1.0"
    {
        return Support::certain(summary, switched.shows("The answer is \"HTTP/1.0 101\"."))
            .weighing(60)
            .into();
    }
    match evidence.refusal() {
        Some(refusal)
            if refusal.fact.version == "HTTP/1.0"
                && (refusal.fact.status == 426 || markers::complaint(refusal.fact).is_some()) =>
        {
            Support::certain(
                summary,
                refusal.shows(format!(
                    "The request was HTTP/1.1 and held Upgrade; the answer is \"HTTP/1.0 {}\" and asks for an upgrade.",
                    flip::status(refusal.fact)
                )),
            )
            .weighing(60)
            .into()
        }
        _ => Judgement::nothing(),
    }
}

pub(super) const MIDDLEWARE: Rule = Rule {
    cause: "http-middleware-200",
    explains: &["http-200-app", "http-502", "http-upgrade-stripped"],
    judge: middleware,
};

/// A status other than 101 beside the marks of an accepted handshake, or a server that says why.
fn middleware(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let summary = "A module in front of the WebSocket handler answers in its place, so the accepted handshake never becomes a 101.";
    let lower = refusal.fact.body.text.to_ascii_lowercase();
    if lower.contains("hijack") {
        return Support::certain(
            summary,
            refusal.shows(format!(
                "The answer is {} and speaks of a failed \"hijack\" of the connection.",
                flip::status(refusal.fact)
            )),
        )
        .weighing(60)
        .into();
    }
    if refusal.fact.has("sec-websocket-accept") {
        return Support::certain(
            summary,
            refusal.shows(format!("The answer bears Sec-WebSocket-Accept, which belongs to a 101, and its status is {}.", flip::status(refusal.fact))),
        )
        .weighing(60)
        .into();
    }
    let Some(control) = evidence.control(ControlPath::Same) else {
        return if refusal.fact.status == 200 {
            Judgement::ask([Question::Control {
                path: ControlPath::Same,
                plain: false,
            }])
        } else {
            Judgement::nothing()
        };
    };
    if refusal.fact.status == 200 && control.fact.status >= 400 {
        return Support::likely(summary, refusal.shows("The handshake is answered 200 OK instead of 101."))
            .and(control.shows(format!("The same path without a handshake is answered {}: the handler does tell the two apart.", flip::status(control.fact))))
            .into();
    }
    Judgement::nothing()
}
