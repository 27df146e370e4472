//! What programs and the console's page read: JSON, one file per kind of question.
//!
//! It must never change anything, and never answer more than its limits.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;

use super::{Console, files};
use crate::body::{self, Body};

pub(super) mod case;
mod causes;
pub(super) mod now;

/// Answers a request of somebody who may.
pub(super) async fn respond(
    _console: &Arc<Console>,
    request: &Request<Incoming>,
) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return body::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let path = request.uri().path();
    match path {
        "/" => files::start_page(),
        "/api/causes" => json(&causes::all()),
        _ => body::text(StatusCode::NOT_FOUND, "no such page\n"),
    }
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
