//! Gates at the handshake that look at one property of the request: Origin, program, cookie, Host, TLS.

use super::flip;
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{BrowserOutcome, Change, ControlPath, HandshakeOutcome, Response};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const USER_AGENT: Rule = Rule {
    cause: "http-403-ua",
    explains: &[
        "http-403-connect-refused",
        "http-400-generic",
        "http-403-waf-rule",
    ],
    judge: user_agent,
};

fn user_agent(evidence: &Evidence<'_>) -> Judgement {
    if let Some(found) = flip::find(evidence, |change| *change == Change::BrowserUserAgent) {
        return flip::case(
            evidence,
            &found,
            "The server lets in a browser's User-Agent and refuses this program's.",
            "With only the User-Agent changed to a browser's the handshake is accepted.",
        );
    }
    if let Some(found) = flip::find(evidence, |change| *change == Change::BrowserHeaders) {
        return flip::case(
            evidence,
            &found,
            "The server refuses a handshake that lacks the headers every browser sends, such as Accept-Language.",
            "With the headers browsers send, under this program's own User-Agent, the handshake is accepted.",
        );
    }
    if let Some(refusal) = evidence.refusal()
        && let Some(words) = markers::program_refused(refusal.fact)
    {
        return Judgement::from(Support::likely(
            "The server refuses this program by its User-Agent.",
            refusal.shows(format!(
                "The answer is {} and says \"{words}\".",
                flip::status(refusal.fact)
            )),
        ))
        .and_ask([flip::with(Change::BrowserUserAgent)]);
    }
    if flip::unexplained(evidence) || firewall(evidence) {
        Judgement::ask([
            flip::with(Change::BrowserUserAgent),
            flip::with(Change::BrowserHeaders),
        ])
    } else {
        Judgement::nothing()
    }
}

fn firewall(evidence: &Evidence<'_>) -> bool {
    evidence
        .refusal()
        .is_some_and(|refusal| markers::firewall_rule(refusal.fact).is_some())
}

pub(super) const COOKIE: Rule = Rule {
    cause: "http-cookie-missing",
    explains: &["http-403-connect-refused", "http-401", "http-400-generic"],
    judge: cookie,
};

fn cookie(evidence: &Evidence<'_>) -> Judgement {
    if flip::failed(evidence).is_none() || !evidence.target().page {
        return Judgement::nothing();
    }
    if let Some(found) = flip::find(evidence, |change| *change == Change::Cookies) {
        return flip::case(
            evidence,
            &found,
            "The server wants the cookie that a visit to the page sets, and the handshake did not carry it.",
            "With the cookies from the page, and nothing else changed, the handshake is accepted.",
        );
    }
    if flip::unexplained(evidence) {
        Judgement::ask([flip::with(Change::Cookies)])
    } else {
        Judgement::nothing()
    }
}

pub(super) const HOST: Rule = Rule {
    cause: "http-403-host",
    explains: &[
        "http-400-generic",
        "http-403-connect-refused",
        "http-block-page",
        "http-421",
    ],
    judge: host,
};

fn host(evidence: &Evidence<'_>) -> Judgement {
    let host = &evidence.target().host;
    if let Some(found) = flip::find(evidence, |change| *change == Change::HostWithPort) {
        return flip::case(
            evidence,
            &found,
            "The server accepts the Host header only in another spelling.",
            "With only the port added to the Host header the handshake is accepted.",
        );
    }
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    match markers::host_refused(refusal.fact) {
        Some(words) => Support::certain(
            format!("The server does not serve the name `{host}`: it refuses the Host header."),
            refusal.shows(format!(
                "The answer is {} and says \"{words}\".",
                flip::status(refusal.fact)
            )),
        )
        .into(),
        None => Judgement::nothing(),
    }
}

pub(super) const FINGERPRINT: Rule = Rule {
    cause: "tls-fingerprint-filter",
    explains: &[
        "http-403-connect-refused",
        "http-400-generic",
        "http-403-waf-rule",
        "http-403-cdn-challenge",
    ],
    judge: fingerprint,
};

/// The refusal that comes over HTTP; the one that ends the TLS handshake is judged with TLS.
fn fingerprint(evidence: &Evidence<'_>) -> Judgement {
    if !evidence.secure() || flip::failed(evidence).is_none() {
        return Judgement::nothing();
    }
    if let Some(found) = flip::find(evidence, |change| *change == Change::OpenSsl) {
        return flip::case(
            evidence,
            &found,
            "The server refuses this program's TLS library and lets another in that sends the same HTTP request.",
            "Byte for byte the same HTTP request over OpenSSL instead of rustls is accepted.",
        );
    }
    if let Some(browser) = browser_got_in(evidence)
        && let Some(like) = evidence.handshake(&[Change::Like])
        && !matches!(like.fact.outcome, HandshakeOutcome::Switched(_))
    {
        return Support::likely(
            "A real browser gets in. The browser's own request, sent by this program, does not: the difference lies below HTTP, in the TLS hello, the HTTP version, or a challenge that the browser passed.",
            browser,
        )
        .and(like.shows(format!("The browser's request sent by this program {}.", flip::outcome(&like))))
        .untested("which of TLS hello, HTTP version and challenge it is")
        .into();
    }
    if flip::unexplained(evidence)
        || evidence
            .refusal()
            .is_some_and(|r| markers::challenge(r.fact).is_none() && r.fact.status == 403)
    {
        Judgement::ask([flip::with(Change::OpenSsl)])
    } else {
        Judgement::nothing()
    }
}

fn browser_got_in(evidence: &Evidence<'_>) -> Option<crate::finding::Evidence> {
    evidence
        .browsers()
        .find_map(|seen| match &seen.fact.outcome {
            BrowserOutcome::Opened { .. } => {
                Some(seen.shows(format!("{} opens the same WebSocket.", seen.fact.browser)))
            }
            _ => None,
        })
}

pub(super) const CONNECT_REFUSED: Rule = Rule {
    cause: "http-403-connect-refused",
    explains: &[],
    judge: connect_refused,
};

/// What is left of a bare 403 when Origin, subprotocol, program, cookies and TLS made no difference.
fn connect_refused(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let response = refusal.fact;
    if response.status != 403 || !flip::unexplained(evidence) || flip::intermittent(evidence) {
        return Judgement::nothing();
    }
    let like_everything = evidence
        .control(ControlPath::Root)
        .is_some_and(|root| markers::same_answer(root.fact, response));
    let from_app = from_application(response);
    if like_everything && !from_app {
        return Judgement::nothing();
    }
    let bare = response.body.bytes < 32;
    let tried: Vec<_> = evidence
        .handshakes()
        .filter(|seen| !seen.fact.changes.is_empty())
        .filter(|seen| matches!(&seen.fact.outcome, HandshakeOutcome::Refused { response } if response.status == 403))
        .collect();
    let writer = markers::writer(response);
    let explanation = if bare { ", without an explanation" } else { "" };
    let shows = format!(
        "The answer is {}{writer}{explanation}",
        flip::status(response)
    );
    // An Origin that the user chose is as good a reason for a bare 403 as any.
    let chose_origin = evidence.target().origin.is_some();
    let fits = from_app || (bare && !chose_origin);
    let mut case = Support::new(
        if fits { Confidence::Likely } else { Confidence::Possible },
        "The application itself refuses the connection: parameters, a token or an account it wants are missing or not accepted.",
        refusal.shows(format!("{shows}.")),
    )
    .untested("which parameter, token or account the application wants: its log or documentation says");
    if let Some(seen) = tried.first() {
        case = case.and(seen.shows(format!(
            "{} changed handshakes (Origin, subprotocol, program, TLS) were refused alike.",
            tried.len()
        )));
    }
    if let Some(control) = evidence.control(ControlPath::Same) {
        case = case.and(control.shows(format!(
            "The same path without a handshake is answered {}.",
            flip::status(control.fact)
        )));
    }
    Judgement::from(case).and_ask([
        Question::Control {
            path: ControlPath::Same,
            plain: false,
        },
        Question::Browser,
    ])
}

/// Whether the program that runs the application wrote an answer, by its name or its words.
pub(super) fn from_application(response: &Response) -> bool {
    let server = response.header("server").unwrap_or("").to_ascii_lowercase();
    APP_SERVERS.iter().any(|name| server.contains(name))
        || response.body.text.contains("CSRF verification failed")
}

/// Servers that run the application itself, by their Server header.
const APP_SERVERS: [&str; 10] = [
    "cowboy",
    "uvicorn",
    "daphne",
    "hypercorn",
    "gunicorn",
    "kestrel",
    "werkzeug",
    "puma",
    "bandit",
    "jetty",
];
