//! The client's modules, served by the gateway itself so that a page needs one script tag.
//!
//! Files are compiled in, and compressed once where a browser takes that. They are public, so any page may read them.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};

use crate::body::{self, Body};

/// One file.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    compressed: OnceLock<Bytes>,
}

impl Asset {
    /// A file of this media type.
    pub(crate) const fn new(
        name: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
    ) -> Self {
        Self {
            name,
            content_type,
            bytes,
            compressed: OnceLock::new(),
        }
    }

    const fn script(name: &'static str, bytes: &'static [u8]) -> Self {
        Self::new(name, "text/javascript; charset=utf-8", bytes)
    }

    /// Its name.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn compressed(&self) -> Bytes {
        let compress = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let wrote = encoder.write_all(self.bytes);
            let whole = wrote.and_then(|()| encoder.finish());
            whole.expect("memory takes everything").into()
        };
        self.compressed.get_or_init(compress).clone()
    }
}

/// The files, by their names under `/.towpath/`.
static ASSETS: [Asset; 3] = [
    Asset::script(
        "towpath.js",
        include_bytes!("../../../client/dist/towpath.js"),
    ),
    Asset::script(
        "stand-in.js",
        include_bytes!("../../../client/dist/stand-in.js"),
    ),
    Asset::script(
        "report.js",
        include_bytes!("../../../client/dist/report.js"),
    ),
];

/// The file of this name.
pub(crate) fn named(name: &str) -> Option<&'static Asset> {
    find(&ASSETS, name)
}

/// The file of this name among others.
pub(crate) fn find(assets: &'static [Asset], name: &str) -> Option<&'static Asset> {
    assets.iter().find(|asset| asset.name == name)
}

/// Answers a request for a file.
pub(crate) fn respond(asset: &Asset, method: &Method, headers: &HeaderMap) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return body::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let gzip = takes_gzip(headers);
    let bytes = if gzip {
        asset.compressed()
    } else {
        Bytes::from_static(asset.bytes)
    };
    let tag = entity_tag(&bytes);
    let known = headers.get(header::IF_NONE_MATCH);
    let unchanged = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if unchanged {
        body::empty()
    } else {
        body::full(bytes)
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
        (header::VARY, "Accept-Encoding"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if gzip {
        let coding = HeaderValue::from_static("gzip");
        headers.insert(header::CONTENT_ENCODING, coding);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether the client takes gzip without conditions, as browsers say it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get(header::ACCEPT_ENCODING);
    let codings = codings.and_then(|codings| codings.to_str().ok());
    codings.is_some_and(|codings| codings.split(',').any(|coding| coding.trim() == "gzip"))
}

/// A tag that changes with the file (FNV-1a; it need not withstand anybody).
fn entity_tag(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, step);
    format!("\"{hash:016x}\"")
}
