//! Ordinary requests: what arrived (`fetch`), an answer that is late on purpose (`poll`), and how much of a body
//! arrived (`post`).
//!
//! Values of headers are never told back: other people's hops may put secrets there.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::json;
use tokio::time::{sleep, timeout};
use towpath_transport::server::HttpTransport;

use super::limits::{BODY_TIME, POST_BYTES_MAX, ProbeLimit};
use super::parameters::Parameters;
use super::runs::Place;
use super::{Asked, complete, draining, json, refused};
use crate::body::{self, Body};
use crate::gateway::Gateway;
use crate::observe::network_of;

/// Answers `fetch`.
pub(super) fn fetch(asked: &Asked) -> Response<Body> {
    let request = &asked.request;
    let names: Vec<&str> = request
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    let client = &asked.client;
    let is_direct = client.trusted_hops == 0;
    let hello = client.hello.as_deref().filter(|_| is_direct);
    let version = request.version();
    json(&json!({
        "method": request.method().as_str(),
        "version": if version == Version::HTTP_2 { "HTTP/2".to_owned() } else { format!("{version:?}") },
        "headers": names,
        "hello": hello.map(|hello| &*hello.ja4),
        "round_trip_us": client.round_trip_us.filter(|_| is_direct),
        "network": network_of(client),
        "padding": "=".repeat(PADDING_BYTES),
    }))
}

/// Answers `poll`, late on purpose.
pub(super) async fn poll(
    gateway: &Arc<Gateway>,
    parameters: &Parameters,
    _place: Place,
) -> Response<Body> {
    tokio::select! {
        () = sleep(Duration::from_millis(parameters.wait)) => {}
        () = gateway.drain.begun() => return draining(),
    }
    let content_type = HttpTransport::Poll.content_type();
    let line = format!("0 {}\n", parameters.wait);
    complete(StatusCode::OK, content_type, line.into_bytes())
}

/// Answers `post`: counts, and keeps nothing.
pub(super) async fn post(gateway: &Gateway, asked: Asked, _place: Place) -> Response<Body> {
    let announced = asked.request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > POST_BYTES_MAX) {
        return refused(gateway, ProbeLimit::BodyBytes, &asked.client, None);
    }
    match timeout(BODY_TIME, count(asked.request.into_body())).await {
        Ok(Ok(bytes)) if bytes > POST_BYTES_MAX => {
            refused(gateway, ProbeLimit::BodyBytes, &asked.client, None)
        }
        Ok(Ok(bytes)) => json(&json!({ "bytes": bytes })),
        Ok(Err(_)) => body::text(StatusCode::BAD_REQUEST, "the body was cut\n"),
        Err(_) => refused(gateway, ProbeLimit::BodyTime, &asked.client, None),
    }
}

/// How many bytes come, as far as the limit and one chunk.
async fn count(mut body: Incoming) -> Result<u64, hyper::Error> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
        if bytes > POST_BYTES_MAX {
            break;
        }
    }
    Ok(bytes)
}

/// A control that is a few packets long shows what a single one does not.
const PADDING_BYTES: usize = 1024;
