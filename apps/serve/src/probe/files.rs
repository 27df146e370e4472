//! The check page and what it is made of, named as in the tree: `check/check.js` is `web/check/check.js`.
//!
//! A page that tells a user what is wrong must not itself be open to foreign scripts: nothing inline, nothing from
//! elsewhere.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response};

use crate::assets::{self, Asset};
use crate::body::Body;

/// The files, by their names under `/.towpath/`.
static FILES: [Asset; 1] = [style(
    "style/base.css",
    include_bytes!("../../../../web/style/base.css"),
)];

const fn style(name: &'static str, bytes: &'static [u8]) -> Asset {
    Asset::new(name, "text/css; charset=utf-8", bytes)
}

/// Answers a request for a file of this name, if there is one.
pub(crate) fn respond(name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Body>> {
    let file = assets::find(&FILES, name)?;
    let mut response = assets::respond(file, method, headers);
    let headers = response.headers_mut();
    headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// Safari takes `'self'` for the page's own scheme alone, which is not that of WebSockets.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];
