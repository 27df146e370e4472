//! Who may ask the console for what: `Host`, `Origin`, token and login.
//!
//! Every path but the login, its page and the files is closed to strangers. It must never tell them more than that.

use std::net::IpAddr;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use tokio::time::timeout;
use url::{Host, Url};

use super::logins::Shown;
use super::{Console, files};
use crate::body::{self, Body};
use crate::client::Client;

/// Where a request may go.
#[derive(Debug)]
pub(super) enum Admitted {
    /// A file that anybody may read.
    Files,
    /// A login.
    Login,
    /// The end of one.
    Logout,
    /// Live updates, of somebody who may.
    Live,
    /// Anything else, of somebody who may.
    Operator,
    /// Nowhere.
    Not(Box<Response<Body>>),
}

/// Judges a request.
pub(super) fn admit(console: &Console, request: &Request<Incoming>, client: &Client) -> Admitted {
    let not = |status, text: &'static str| Admitted::Not(Box::new(body::text(status, text)));
    let Some(host) = Url::parse(&format!("{}://{}", client.scheme(), client.host)).ok() else {
        return not(StatusCode::BAD_REQUEST, "Host is missing\n");
    };
    // What a trusted hop says was asked for, and what it asks for itself, are both to be ours.
    let named = request.headers().get(header::HOST);
    let named =
        named.and_then(|named| Url::parse(&format!("http://{}", named.to_str().ok()?)).ok());
    if !is_ours(console, &host) || !named.is_none_or(|named| is_ours(console, &named)) {
        return not(StatusCode::MISDIRECTED_REQUEST, FOREIGN_HOST);
    }
    if !is_own_page(request.headers(), &host) {
        return not(StatusCode::FORBIDDEN, "this Origin is not allowed\n");
    }
    let path = request.uri().path();
    match (path, request.method()) {
        ("/login", &Method::POST) => return Admitted::Login,
        _ if files::is_public(path) => return Admitted::Files,
        _ => {}
    }
    if let Err(refusal) = authorize(console, request.headers(), client.counted_address()) {
        return Admitted::Not(Box::new(match refusal {
            Refusal::Wait(seconds) => too_many(seconds),
            Refusal::Stranger if path == "/" => files::login_page(StatusCode::UNAUTHORIZED),
            Refusal::Stranger => stranger(),
        }));
    }
    match (path, request.method()) {
        ("/logout", &Method::POST) => Admitted::Logout,
        ("/live", _) => Admitted::Live,
        _ if path.starts_with("/live/.towpath/") => Admitted::Live,
        _ => Admitted::Operator,
    }
}

/// Why somebody may not.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No token, no login, or a wrong one.
    Stranger,
    /// Too many wrong tokens; so many seconds are left.
    Wait(u64),
}

/// Whether a request shows a login or the token.
pub(super) fn authorize(
    console: &Console,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<(), Refusal> {
    if console.logins.holds(headers) {
        return Ok(());
    }
    let given = headers.get(header::AUTHORIZATION);
    let Some(token) = given.and_then(|given| given.as_bytes().strip_prefix(b"Bearer ")) else {
        return Err(Refusal::Stranger);
    };
    match console.logins.show(address, token) {
        Shown::Right => Ok(()),
        Shown::Wrong => Err(Refusal::Stranger),
        Shown::TooMany(seconds) => Err(Refusal::Wait(seconds)),
    }
}

/// A name that somebody else could have made to point here is not ours: their page would be of our origin.
fn is_ours(console: &Console, host: &Url) -> bool {
    match host.host() {
        Some(Host::Domain(name)) => {
            name == "localhost"
                || console
                    .hosts
                    .iter()
                    .any(|ours| name.eq_ignore_ascii_case(ours))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Whether the request comes from a page of the console, or from no page.
fn is_own_page(headers: &HeaderMap, host: &Url) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.all(|origin| {
        let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
        origin.is_some_and(|origin| origin.origin() == host.origin())
    })
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

/// Answers `POST /login`: a cookie for the token.
pub(super) async fn login(
    console: &Console,
    request: Request<Incoming>,
    client: &Client,
) -> Response<Body> {
    let read = Limited::new(request.into_body(), LOGIN_BYTES_MAX).collect();
    let Ok(Ok(read)) = timeout(LOGIN_PATIENCE, read).await else {
        return body::text(StatusCode::BAD_REQUEST, "no login in time and size\n");
    };
    let Ok(login) = serde_json::from_slice::<Login>(&read.to_bytes()) else {
        return body::text(StatusCode::BAD_REQUEST, "no token\n");
    };
    let token = login.token.trim().as_bytes();
    match console.logins.show(client.counted_address(), token) {
        Shown::Right => {
            let cookie = console.logins.begin(client.secure);
            with_cookie(StatusCode::NO_CONTENT, &cookie)
        }
        Shown::Wrong => {
            tracing::warn!(client = %client.address, "wrong token for the console");
            stranger()
        }
        Shown::TooMany(seconds) => too_many(seconds),
    }
}

/// Answers `POST /logout`.
pub(super) fn logout(console: &Console, request: &Request<Incoming>) -> Response<Body> {
    let cookie = console.logins.end(request.headers());
    with_cookie(StatusCode::NO_CONTENT, &cookie)
}

fn with_cookie(status: StatusCode, cookie: &str) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    let cookie = HeaderValue::from_str(cookie).expect("a cookie of ours is plain text");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

fn stranger() -> Response<Body> {
    let mut response = body::text(StatusCode::UNAUTHORIZED, "the token is needed\n");
    let scheme = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    response
}

fn too_many(seconds: u64) -> Response<Body> {
    let text = "too many wrong tokens\n";
    let mut response = body::text(StatusCode::TOO_MANY_REQUESTS, text);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, seconds.into());
    response
}

/// What every answer says besides: nothing of it is kept, framed, or runs what is not the console's own.
pub(super) fn harden(headers: &mut HeaderMap) {
    for (name, value) in HARDENED {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

const HARDENED: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

const FOREIGN_HOST: &str =
    "this name is not the console's; ask by its address, or add the name to console.hosts\n";

/// Bytes of a login.
const LOGIN_BYTES_MAX: usize = 4096;

/// For the body of a login.
const LOGIN_PATIENCE: Duration = Duration::from_secs(10);
