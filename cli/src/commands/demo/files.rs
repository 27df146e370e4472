//! The files of the demo's page, compiled in.

use towpath_lab::PublishedFile;

/// All of them but the one that names the networks.
pub(super) fn page() -> impl Iterator<Item = PublishedFile> {
    FILES
        .iter()
        .map(|(path, content_type, text)| PublishedFile {
            path: (*path).to_owned(),
            content_type,
            text: (*text).to_owned(),
        })
}

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../../../../web/demo/index.html")),
    (
        "/base.css",
        STYLE,
        include_str!("../../../../web/style/base.css"),
    ),
    (
        "/demo.css",
        STYLE,
        include_str!("../../../../web/demo/demo.css"),
    ),
    (
        "/demo.js",
        SCRIPT,
        include_str!("../../../../web/demo/demo.js"),
    ),
    (
        "/search.js",
        SCRIPT,
        include_str!("../../../../web/demo/search.js"),
    ),
    (
        "/panel.js",
        SCRIPT,
        include_str!("../../../../web/demo/panel.js"),
    ),
    (
        "/diagnosis.js",
        SCRIPT,
        include_str!("../../../../web/demo/diagnosis.js"),
    ),
    (
        "/switch.js",
        SCRIPT,
        include_str!("../../../../web/demo/switch.js"),
    ),
    (
        "/draw.js",
        SCRIPT,
        include_str!("../../../../web/demo/draw.js"),
    ),
];
