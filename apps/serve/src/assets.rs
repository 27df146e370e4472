//! The client's modules, served by the gateway itself so that a page needs one script tag.
//!
//! Files are compiled in. They are public, so any page may read them.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};

use crate::body::{self, Body};

/// One file.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

/// The files, by their names under `/.towpath/`.
const ASSETS: &[Asset] = &[
    Asset {
        name: "towpath.js",
        content_type: JAVASCRIPT,
        bytes: include_bytes!("../../../client/dist/towpath.js"),
    },
    Asset {
        name: "stand-in.js",
        content_type: JAVASCRIPT,
        bytes: include_bytes!("../../../client/dist/stand-in.js"),
    },
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The file of this name.
pub(crate) fn named(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Answers a request for a file.
pub(crate) fn respond(asset: &Asset, method: &Method, headers: &HeaderMap) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return body::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let tag = entity_tag(asset.bytes);
    let known = headers.get(header::IF_NONE_MATCH);
    let unchanged = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if unchanged {
        body::empty()
    } else {
        body::full(asset.bytes)
    });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// A tag that changes with the file (FNV-1a; it need not withstand anybody).
fn entity_tag(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, step);
    format!("\"{hash:016x}\"")
}
