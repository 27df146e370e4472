//! The probe's WebSocket: it opens, says what its mode says, and gives back what comes.
//!
//! It must never say more than that: a silent socket that is pinged would not show what silence does.

use std::sync::Arc;

use http::header::{
    HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL,
};
use http::{Response, StatusCode};
use towpath_websocket::DeflateParameters;

use super::parameters::Parameters;
use super::runs::Place;
use super::{Asked, draining, upgrade_required};
use crate::body::{self, Body};
use crate::gateway::Gateway;
use crate::upgrade;

mod conversation;

use conversation::Conversation;

/// Answers `websocket`.
pub(super) fn handle(
    gateway: &Arc<Gateway>,
    mut asked: Asked,
    parameters: &Parameters,
    place: Place,
) -> Response<Body> {
    let headers = asked.request.headers();
    if !upgrade::is_websocket(&asked.request) {
        return upgrade_required();
    }
    if gateway.drain.is_draining() {
        return draining();
    }
    if !upgrade::offers_subprotocol(headers, SUBPROTOCOL) {
        let text = format!("the subprotocol {SUBPROTOCOL} is needed\n");
        return body::text(StatusCode::BAD_REQUEST, text);
    }
    let deflate = parameters
        .deflate
        .then(|| upgrade::agreed_deflate(headers))
        .flatten();
    let http2 = asked.request.version() == http::Version::HTTP_2;
    let Some(upgrade) = upgrade::take(&mut asked.request, asked.permit) else {
        return body::text(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing\n");
    };
    let client = asked.client;
    let response = upgrade.response(agreed(deflate));
    let conversation = Conversation {
        gateway: Arc::clone(gateway),
        mode: parameters.mode,
        deflate,
        http2,
    };
    tokio::spawn(async move {
        let Ok(stream) = upgrade.stream().await else {
            return;
        };
        let gateway = Arc::clone(&conversation.gateway);
        let seen = conversation.run(stream).await;
        tracing::debug!(run = place.run().code(), end = ?seen.end, "a probe's WebSocket ended");
        let attempt = Some(place.run().attempt());
        gateway.observer.ended_unattached(attempt, &client, seen);
    });
    response
}

/// What was agreed, as headers.
fn agreed(deflate: Option<DeflateParameters>) -> HeaderMap {
    let subprotocol = HeaderValue::from_static(SUBPROTOCOL);
    let mut headers = HeaderMap::from_iter([
        (SEC_WEBSOCKET_PROTOCOL, subprotocol),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    if let Some(extension) = deflate.and_then(|agreed| agreed.to_string().parse().ok()) {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, extension);
    }
    headers
}

/// What a page must offer, so that no application's WebSocket is taken for a probe.
const SUBPROTOCOL: &str = "towpath-probe.1";

const CACHE_CONTROL: HeaderName = http::header::CACHE_CONTROL;
