//! A browser's capture in the terms of the observation model, secrets removed.

use std::time::Duration;

use towpath_browser::{Capture, Direction, HandshakeVersion, PageVisit, SocketCapture};
use towpath_diagnosis::observation::{
    Body, BrowserCapture, BrowserMessage, BrowserOutcome, Header, MessageKind, RequestHead,
    Response,
};
use towpath_diagnosis::redact::Redactor;
use towpath_net::Settings;
use towpath_net::http1::request_fact;
use towpath_net::limits::milliseconds;
use towpath_net::tls::chain;
use url::Url;

/// The request as sent, secrets and all.
pub(super) fn request(socket: &SocketCapture) -> Option<RequestHead> {
    let request = socket.request.as_ref()?;
    let url = Url::parse(&socket.url).ok()?;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let (method, version) = match request.version {
        HandshakeVersion::Http2 => ("CONNECT", "HTTP/2"),
        HandshakeVersion::Http1 | HandshakeVersion::Unknown => ("GET", "HTTP/1.1"),
    };
    Some(RequestHead {
        method: method.to_owned(),
        target,
        version: version.to_owned(),
        headers: headers(&request.headers),
    })
}

/// One socket as a fact; how long it took in all is the caller's to fill in.
pub(super) fn fact(
    capture: &Capture,
    socket: &SocketCapture,
    settings: &Settings,
) -> BrowserCapture {
    let redactor = &settings.redactor;
    let page = &capture.page;
    BrowserCapture {
        browser: capture.browser.version.clone(),
        page: Some(redactor.url(&page.final_url)),
        page_substituted: page.substituted.is_some(),
        request: request(socket).map(|head| request_fact(&head, redactor)),
        response: response(socket, settings),
        cookie_names: page.cookies.iter().map(|(name, _)| name.clone()).collect(),
        issuer: issuer(socket).map(|value| Header {
            name: "issuer".to_owned(),
            value,
        }),
        document: document(&capture.page, settings).map(Box::new),
        messages: messages(socket),
        outcome: outcome(socket),
        elapsed_ms: 0,
    }
}

fn outcome(socket: &SocketCapture) -> BrowserOutcome {
    let script = socket.script.as_ref();
    if socket.accepted() {
        let received = |direction| matches!(direction, Direction::Received);
        let frames = socket
            .messages
            .iter()
            .filter(|message| received(message.direction))
            .count();
        return BrowserOutcome::Opened {
            frames_received: u32::try_from(frames).unwrap_or(u32::MAX),
            closed: script
                .filter(|script| !script.closed_by_capture)
                .and_then(|script| script.close_code),
        };
    }
    let policy = script.and_then(|script| script.forbidden_by_policy.as_ref());
    let told = [
        policy.map(|directive| format!("net::ERR_BLOCKED_BY_CSP ({directive})")),
        socket.net_error.clone(),
        socket.error.clone(),
        script.and_then(|script| script.exception.clone()),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    BrowserOutcome::Failed {
        error: if told.is_empty() {
            "the browser did not say why".to_owned()
        } else {
            told.join("; ")
        },
    }
}

/// What the visit to the page was answered, secrets removed.
fn document(page: &PageVisit, settings: &Settings) -> Option<Response> {
    let redactor = &settings.redactor;
    // What the site shows its visitors is nobody's business, unless it is the very obstacle.
    let text = match &page.challenge {
        Some(_) => redactor.text(&page.body_prefix),
        None => String::new(),
    };
    Some(Response {
        status: page.status?,
        reason: String::new(),
        version: version(page.http_version.as_deref() == Some("h2")),
        headers: redacted(&page.headers, redactor),
        body: Body {
            text,
            bytes: page.body_prefix.len() as u64,
            cut: page.body_prefix.len() >= settings.limits.body_kept_bytes,
        },
        first_byte_ms: 0,
    })
}

/// The first messages by their names; what they say stays out.
fn messages(socket: &SocketCapture) -> Vec<BrowserMessage> {
    let first = socket.messages.iter().take(MESSAGES_KEPT);
    first
        .map(|message| {
            let shape = message.shape.clone().unwrap_or_default();
            BrowserMessage {
                sent: message.direction == Direction::Sent,
                kind: match message.opcode {
                    OPCODE_TEXT => MessageKind::Text,
                    _ => MessageKind::Binary,
                },
                bytes: message.length as u64,
                after_ms: milliseconds(message.after),
                name: shape.name,
                texts_at: shape.texts_at,
            }
        })
        .collect()
}

fn version(http2: bool) -> String {
    if http2 { "HTTP/2" } else { "HTTP/1.1" }.to_owned()
}

fn redacted(pairs: &[(String, String)], redactor: &Redactor) -> Vec<Header> {
    headers(pairs)
        .into_iter()
        .map(|header| Header {
            value: redactor.header(&header.name, &header.value),
            name: header.name,
        })
        .collect()
}

fn response(socket: &SocketCapture, settings: &Settings) -> Option<Response> {
    let response = socket.response.as_ref()?;
    let redactor = &settings.redactor;
    let http2 = socket
        .request
        .as_ref()
        .is_some_and(|request| request.version == HandshakeVersion::Http2);
    let body = String::from_utf8_lossy(&response.body_prefix);
    Some(Response {
        status: response.status,
        reason: response.reason.clone(),
        version: version(http2),
        headers: redacted(&response.headers, redactor),
        body: Body {
            text: redactor.text(&body),
            bytes: response.body_prefix.len() as u64,
            cut: response.body_prefix.len() >= settings.limits.body_kept_bytes,
        },
        first_byte_ms: milliseconds(socket.answered_after.unwrap_or(Duration::ZERO)),
    })
}

fn issuer(socket: &SocketCapture) -> Option<String> {
    let tls = socket.connection.as_ref()?.tls.as_ref()?;
    let pem = tls.certificates_pem.first()?;
    chain::issuer_of_pem(pem)
}

fn headers(pairs: &[(String, String)]) -> Vec<Header> {
    pairs
        .iter()
        .map(|(name, value)| Header {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

/// A protocol's first words; what follows is the application's own business.
const MESSAGES_KEPT: usize = 8;
const OPCODE_TEXT: u8 = 1;
