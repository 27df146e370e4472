//! `begin`: a new run of the check page.
//!
//! Which session it is about is only written down for the operator. It must never be believed: codes are names that
//! anybody may have heard.

use std::sync::Arc;

use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::limits::{BEGIN_BYTES_MAX, BODY_TIME, ProbeLimit, RUN_LIVES};
use super::{Asked, draining, json, refused};
use crate::body::{self, Body};
use crate::code;
use crate::config::TransportKind;
use crate::gateway::Gateway;

/// What the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    about: Option<String>,
}

/// Answers `begin`.
pub(super) async fn handle(gateway: &Arc<Gateway>, asked: Asked) -> Response<Body> {
    let client = asked.client;
    if gateway.drain.is_draining() {
        return draining();
    }
    let body = Limited::new(asked.request.into_body(), BEGIN_BYTES_MAX).collect();
    let bytes = match timeout(BODY_TIME, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return refused(gateway, ProbeLimit::BodyBytes, &client, None);
        }
        Ok(Err(_)) => return body::text(StatusCode::BAD_REQUEST, "the body was cut\n"),
        Err(_) => return refused(gateway, ProbeLimit::BodyTime, &client, None),
    };
    let Ok(wish) = wish(&bytes) else {
        return body::text(StatusCode::BAD_REQUEST, "an object of JSON is needed\n");
    };
    let about = wish.about.as_deref().and_then(code::read);
    let run = match gateway.runs.begin(client.counted_address()) {
        Ok(run) => run,
        Err((limit, seconds)) => return refused(gateway, limit, &client, Some(seconds)),
    };
    gateway
        .observer
        .expect(run.attempt(), run.code(), &client, RUN_LIVES);
    tracing::info!(run = run.code(), about = about.as_deref(), client = %client.address, "check begun");
    let sessions = &gateway.settings.sessions;
    let transports: Vec<&str> = sessions
        .transports
        .iter()
        .filter(|_| sessions.enabled)
        .map(|kind| kind.name())
        .collect();
    json(&json!({
        "code": code::written(run.code()),
        "key": run.key(),
        "attempt": run.attempt(),
        "websocket": transports.contains(&TransportKind::Websocket.name()),
        "transports": transports,
        "host": &*client.host,
    }))
}

/// No body says as much as an empty object.
fn wish(bytes: &[u8]) -> Result<Wish, serde_json::Error> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Wish::default());
    }
    // An array would do for a struct, too, and is none.
    if !bytes.trim_ascii().starts_with(b"{") {
        return Err(serde::de::Error::custom("no object"));
    }
    serde_json::from_slice(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_says_what_a_run_is_about() {
        assert_eq!(wish(b"").unwrap().about, None);
        assert_eq!(wish(b" {} ").unwrap().about, None);
        let about = wish(br#"{"about": "K3M9-P2XQ", "more": [1]}"#)
            .unwrap()
            .about;
        assert_eq!(about.as_deref(), Some("K3M9-P2XQ"));
        let deep = [b"{\"a\":".as_slice(), &[b'['; 2000]].concat();
        for bad in [
            b"[\"k3m9p2xq\"]".as_slice(),
            b"\"a\"",
            b"{\"about\": 1}",
            b"{",
            b"\xff",
            &deep,
        ] {
            assert!(wish(bad).is_err(), "{bad:?}");
        }
    }
}
