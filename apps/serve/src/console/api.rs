//! What programs and the console's page read: JSON, one file per kind of question.
//!
//! It must never change anything, and never answer more than its limits.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use towpath_reports::{Store, StoreError};

use super::{Console, files};
use crate::body::{self, Body};
use crate::reports;

pub(super) mod case;
mod causes;
mod network;
pub(super) mod now;
mod overview;
mod query;

use query::Query;

/// Why there is no answer.
#[derive(Debug)]
enum Unanswered {
    /// Nothing is known of it.
    Unknown(&'static str),
    /// The store has too much to do, or nothing is kept.
    Busy,
    /// The store failed; it is logged.
    Failed,
}

/// Answers a request of somebody who may.
pub(super) async fn respond(console: &Arc<Console>, request: &Request<Incoming>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return body::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let path = request.uri().path();
    let query = Query::of(request.uri().query().unwrap_or_default());
    let answered = match path {
        "/" => return files::start_page(),
        "/api/overview" => overview::tell(console, &query)
            .await
            .map(|told| json(&told)),
        "/api/cases" => case::list(console, &query).await.map(|told| json(&told)),
        "/api/causes" => Ok(json(&causes::all())),
        "/export.ndjson" => Ok(export(console)),
        _ => named(console, path).await,
    };
    answered.unwrap_or_else(|why| match why {
        Unanswered::Unknown(text) => body::text(StatusCode::NOT_FOUND, text),
        Unanswered::Busy => busy(),
        Unanswered::Failed => {
            let text = "the store failed; the gateway's log says why\n";
            body::text(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    })
}

/// Paths that hold a name.
async fn named(console: &Console, path: &str) -> Result<Response<Body>, Unanswered> {
    if let Some(code) = path.strip_prefix("/api/case/") {
        return case::one(console, code).await.map(|told| json(&told));
    }
    if let Some(prefix) = path.strip_prefix("/api/network/") {
        return network::tell(console, prefix).await.map(|told| json(&told));
    }
    let har = path.strip_prefix("/case/");
    match har.and_then(|name| name.strip_suffix(".har")) {
        Some(code) => case::har(console, code).await.map(|har| json(&har)),
        None => Err(Unanswered::Unknown("no such page\n")),
    }
}

/// Asks the store.
async fn ask<T: Send + 'static>(
    console: &Console,
    question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Unanswered> {
    match console.gateway.reports.ask(question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            tracing::error!(%error, "the console cannot read the store");
            Err(Unanswered::Failed)
        }
        Err(_) => Err(Unanswered::Busy),
    }
}

/// All that is kept, a case a line.
fn export(console: &Console) -> Response<Body> {
    let mut response = Response::new(reports::lines(&console.gateway));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// An answer as JSON.
fn json(value: &impl Serialize) -> Response<Body> {
    let Ok(text) = serde_json::to_vec(value) else {
        return body::text(StatusCode::INTERNAL_SERVER_ERROR, "cannot be told\n");
    };
    let mut response = Response::new(body::full(text));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn busy() -> Response<Body> {
    let text = "nothing is kept (reports.enabled), or the store is busy: ask again\n";
    let mut response = body::text(StatusCode::SERVICE_UNAVAILABLE, text);
    let soon = HeaderValue::from_static("1");
    response.headers_mut().insert(header::RETRY_AFTER, soon);
    response
}
