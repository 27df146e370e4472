//! The console's pages, compiled in.
//!
//! They hold no data, so that anybody may read them but the start page, which shows itself to the operator only.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::assets;
use crate::body::{self, Body};

/// Whether a path is a file for everybody.
pub(super) fn is_public(path: &str) -> bool {
    path == "/login" || path == CLIENT || public(path).is_some()
}

/// Answers a request for such a file.
pub(super) fn respond(request: &Request<Incoming>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return body::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let path = request.uri().path();
    if path == CLIENT
        && let Some(client) = assets::named("towpath.js")
    {
        return assets::respond(client, request.method(), request.headers());
    }
    match public(path) {
        Some((name, bytes)) => file(StatusCode::OK, name, bytes),
        None => login_page(StatusCode::OK),
    }
}

/// The page that asks for the token.
pub(super) fn login_page(status: StatusCode) -> Response<Body> {
    file(status, ".html", LOGIN)
}

/// The console itself.
pub(super) fn start_page() -> Response<Body> {
    file(StatusCode::OK, ".html", INDEX)
}

fn public(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = path.strip_prefix("/static/")?;
    FILES.iter().copied().find(|(known, _)| *known == name)
}

fn file(status: StatusCode, name: &str, bytes: &'static [u8]) -> Response<Body> {
    let mut response = Response::new(body::full(Bytes::from_static(bytes)));
    *response.status_mut() = status;
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    };
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The client that carries the live updates.
const CLIENT: &str = "/.towpath/towpath.js";

const INDEX: &[u8] = include_bytes!("../../../../web/console/index.html");

const LOGIN: &[u8] = include_bytes!("../../../../web/console/login.html");

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// The files, by their names below `/static/`.
        const FILES: &[(&str, &[u8])] = &[
            $(($path, include_bytes!(concat!("../../../../web/", $path)))),*
        ];
    };
}

files!(
    "style/base.css",
    "board/board.css",
    "console/api.js",
    "console/charts/ends.js",
    "console/charts/frame.js",
    "console/charts/lanes.js",
    "console/charts/scale.js",
    "console/charts/spark.js",
    "console/charts/stack.js",
    "console/charts/transports.js",
    "console/code.js",
    "console/console.css",
    "console/console.js",
    "console/dom.js",
    "console/facts.js",
    "console/icon.svg",
    "console/live.js",
    "console/login.js",
    "console/mail.js",
    "console/parts.js",
    "console/timeline.js",
    "console/views/case.js",
    "console/views/cases.js",
    "console/views/causes.js",
    "console/views/network.js",
    "console/views/overview.js",
    "console/words.js",
);

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn found(folder: &Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found(&path, names);
            } else if path.extension().is_none_or(|kind| kind != "html") {
                names.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_console_is_compiled_in() {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        let mut names = Vec::new();
        found(&web.join("console"), &mut names);
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(
                FILES.iter().any(|(known, _)| name.ends_with(known)),
                "{name}"
            );
        }
    }
}
