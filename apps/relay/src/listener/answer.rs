//! What is answered to whom.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;

use super::Shared;
use super::door::Door;
use crate::{metrics, page, text};

/// Answers a request.
pub(super) async fn respond<B>(shared: &Shared, request: &Request<B>) -> Response<Full<Bytes>> {
    let door = shared.door();
    let mut response = match door.admit(request) {
        Ok(()) => routed(shared, &door, request).await,
        Err(refusal) => plain(refusal.status, refusal.text),
    };
    if *request.method() == Method::HEAD {
        let length = hyper::body::Body::size_hint(response.body()).exact();
        *response.body_mut() = Full::default();
        if let Some(length) = length {
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length.into());
        }
    }
    for (name, value) in HARDENED {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn routed<B>(shared: &Shared, door: &Door, request: &Request<B>) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    if let Some((kind, bytes)) = page::file(path) {
        return typed(StatusCode::OK, kind, Bytes::from_static(bytes));
    }
    let may_see = door.shows_token(request.headers());
    if !matches!(
        path,
        "/" | "/status.json" | "/status.txt" | "/metrics" | "/healthz"
    ) {
        return plain(StatusCode::NOT_FOUND, "no such page\n");
    }
    if !may_see && path != "/healthz" {
        return stranger();
    }
    let Some(status) = shared.picture().await else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "the relay is about to end\n",
        );
    };
    let ok = |kind, text: String| typed(StatusCode::OK, kind, text.into());
    match path {
        "/" => ok("text/html; charset=utf-8", page::whole(&status)),
        "/status.json" => match serde_json::to_string(&status) {
            Ok(json) => ok("application/json", json),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "cannot be told\n"),
        },
        "/status.txt" => ok(PLAIN, text::whole(&status)),
        "/metrics" => ok(metrics::CONTENT_TYPE, metrics::text(&status)),
        _ => {
            let missing = status.not_ready();
            let ready = missing.is_empty() && status.store_trouble.is_none();
            let code = if ready {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            typed(code, PLAIN, health(&missing, ready, may_see).into())
        }
    }
}

/// Names are for those who may see the rest, too.
fn health(missing: &[String], ready: bool, may_see: bool) -> String {
    match (ready, may_see) {
        (true, _) => "ok\n".to_owned(),
        (false, true) if !missing.is_empty() => format!("not ready: {}\n", missing.join(", ")),
        (false, true) => "not ready: the store\n".to_owned(),
        (false, false) => "not ready\n".to_owned(),
    }
}

fn stranger() -> Response<Full<Bytes>> {
    let text =
        "the token is needed; programs show it as a bearer, browsers as the password of any user\n";
    let mut response = plain(StatusCode::UNAUTHORIZED, text);
    let scheme = HeaderValue::from_static("Basic realm=\"Towpath relay\", charset=\"UTF-8\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    typed(status, PLAIN, Bytes::from_static(text.as_bytes()))
}

fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// What every answer says besides: nothing of it is kept, framed, or runs what is not ours.
const HARDENED: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
];
