//! `POST …/.towpath/report`: a page says what it saw.
//!
//! A proof is checked here and goes no further. Without one nothing is added to anybody's case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;
use towpath_diagnosis::Fact;
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::History;
use towpath_diagnosis::page_report::{PageProof, PageReport, REPORT_BYTES_MAX};
use towpath_diagnosis::{Observation, ObservationId};
use towpath_session::body::Secret;

use super::answer::Answer;
use super::page_side::PageSide;
use crate::body::{self, Body};
use crate::client::Client;
use crate::gateway::Gateway;
use crate::observe::Seen;

/// How a report ended that is not taken: a status, its name in metrics, and a line for who reads the answer.
#[derive(Debug)]
struct NotTaken {
    status: StatusCode,
    outcome: &'static str,
    text: String,
    retry_seconds: Option<u64>,
}

/// Answers a report. `path` is the application's, `origin` that of the page, which is allowed.
pub(crate) async fn handle(
    gateway: &Arc<Gateway>,
    path: &str,
    request: Request<Incoming>,
    client: &Client,
    origin: Option<&str>,
) -> Response<Body> {
    match take(gateway, path, request, client, origin).await {
        Ok((outcome, json)) => {
            gateway.reports.numbers.report(outcome);
            let mut response = Response::new(body::full(json));
            let kind = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            never_stored(response)
        }
        Err(not) => {
            gateway.reports.numbers.report(not.outcome);
            let mut response = body::text(not.status, format!("{}\n", not.text));
            if let Some(seconds) = not.retry_seconds {
                let headers = response.headers_mut();
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            never_stored(response)
        }
    }
}

async fn take(
    gateway: &Arc<Gateway>,
    path: &str,
    request: Request<Incoming>,
    client: &Client,
    origin: Option<&str>,
) -> Result<(&'static str, Vec<u8>), NotTaken> {
    let reports = &gateway.reports;
    if !reports.is_on() {
        let text = "reports are off";
        return Err(not(StatusCode::SERVICE_UNAVAILABLE, "off", text));
    }
    if request.method() != Method::POST {
        return Err(not(
            StatusCode::METHOD_NOT_ALLOWED,
            "malformed",
            "only POST",
        ));
    }
    let rated = reports.rate.take(client.counted_address());
    rated.map_err(|seconds| later("rate", "limit reached: reports.per_minute", seconds))?;
    let body = read(gateway, request).await?;
    let received = gateway.observer.now();
    let report = PageReport::parse(&body)
        .map_err(|error| not(StatusCode::BAD_REQUEST, "malformed", &error.to_string()))?;
    let (outcome, mut seen) = whose(gateway, &report, client, path);
    let is_proven = matches!(outcome, "session" | "check");
    if !is_proven && reports.is_pressed() {
        return Err(busy());
    }
    if is_proven && !reports.counts.take(&seen.code) {
        let text = "limit reached: reports of one session";
        return Err(later("session_full", text, SESSION_RETRY_SECONDS));
    }
    add_histories(gateway, client, &mut seen);
    let page = PageSide::of(report, received, origin);
    let answered = reports.at_the_desk(move |desk| {
        let case = desk.report(seen, page, is_proven);
        serde_json::to_vec(&Answer::of(&case)).expect("the model has only string keys")
    });
    let answered = answered.await.map_err(|_| busy())?;
    Ok((outcome, answered))
}

/// Whose report it is, with what the gateway knows of them, and the name of that in metrics.
fn whose(
    gateway: &Gateway,
    report: &PageReport,
    client: &Client,
    path: &str,
) -> (&'static str, Seen) {
    let observer = &gateway.observer;
    let proven = match &report.proof {
        Some(PageProof::Token(text) | PageProof::Fresh(text)) => Secret::parse(text)
            .and_then(|secret| gateway.sessions.code_of(observer, &secret))
            .and_then(|code| observer.session(&code))
            .map(|seen| ("session", seen)),
        Some(PageProof::Check(key)) => gateway.runs.by_key(key).map(|run| {
            let seen = observer.session(run.code()).unwrap_or_else(|| Seen {
                code: run.code().into(),
                ..observer.stranger(client, path)
            });
            ("check", seen)
        }),
        None => None,
    };
    let by_attempt = || {
        let attempt = report.attempt.as_deref()?;
        let waiting = observer.waiting(attempt, client)?;
        Some(("attempt", waiting))
    };
    proven
        .or_else(by_attempt)
        .unwrap_or_else(|| ("unknown", observer.stranger(client, path)))
}

/// Where a WebSocket was not taken, how others fared tells whether the client's network or the operator's is to blame.
/// Only how theirs arrived matters for that.
fn add_histories(gateway: &Gateway, client: &Client, seen: &mut Seen) {
    let was_refused = seen.observations.iter().any(|one| match &one.fact {
        Fact::Arrival(seen) => seen.transport.is_websocket() && !matches!(seen.status, 101 | 200),
        _ => false,
    });
    if !was_refused {
        return;
    }
    let observer = &gateway.observer;
    let at_ms = observer.now().saturating_sub(seen.started_unix_ms);
    let histories = [observer.history(client.address), observer.history_of_all()];
    let histories = histories.into_iter().flatten();
    seen.observations
        .extend(histories.map(|history| Observation {
            id: ObservationId(0),
            at_ms,
            vantage: Vantage::Gateway,
            answers: None,
            fact: Fact::History(History {
                ends: Vec::new(),
                ..history
            }),
        }));
}

async fn read(gateway: &Gateway, request: Request<Incoming>) -> Result<Bytes, NotTaken> {
    let body = Limited::new(request.into_body(), REPORT_BYTES_MAX).collect();
    let patience = gateway.settings.limits.slow_reader_seconds.duration();
    match timeout(patience, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let text = format!("a report has at most {REPORT_BYTES_MAX} bytes");
            Err(not(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &text))
        }
        Ok(Err(_)) => Err(not(
            StatusCode::BAD_REQUEST,
            "malformed",
            "the body ended early",
        )),
        Err(_) => {
            let text = "limit reached: slow_reader_seconds";
            Err(not(StatusCode::REQUEST_TIMEOUT, "slow", text))
        }
    }
}

fn not(status: StatusCode, outcome: &'static str, text: &str) -> NotTaken {
    NotTaken {
        status,
        outcome,
        text: text.to_owned(),
        retry_seconds: None,
    }
}

fn later(outcome: &'static str, text: &str, seconds: u64) -> NotTaken {
    NotTaken {
        retry_seconds: Some(seconds),
        ..not(StatusCode::TOO_MANY_REQUESTS, outcome, text)
    }
}

fn busy() -> NotTaken {
    NotTaken {
        status: StatusCode::SERVICE_UNAVAILABLE,
        ..later("busy", "the store is busy", BUSY_RETRY_SECONDS)
    }
}

fn never_stored(mut response: Response<Body>) -> Response<Body> {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

/// How many reports each session has sent.
#[derive(Debug, Default)]
pub(super) struct Counts {
    counts: Mutex<HashMap<Box<str>, u8>>,
}

impl Counts {
    /// Counts one more, unless that is too many.
    fn take(&self, code: &str) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTED_MAX && !counts.contains_key(code) {
            // The limit per address holds all the same.
            counts.clear();
        }
        let count = counts.entry(code.into()).or_default();
        *count = count.saturating_add(1);
        *count <= REPORTS_PER_SESSION_MAX
    }
}

/// Reports of one session or check run.
const REPORTS_PER_SESSION_MAX: u8 = 20;

/// Sessions whose reports are counted.
const COUNTED_MAX: usize = 8192;

/// When a session that reported too often may ask again: in effect, when another has begun.
const SESSION_RETRY_SECONDS: u64 = 600;

/// When a busy store may be tried again.
const BUSY_RETRY_SECONDS: u64 = 5;
