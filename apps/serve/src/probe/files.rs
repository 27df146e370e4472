//! The check page and what it is made of, named as in the tree: `check/check.js` is `web/check/check.js`.
//!
//! A page that tells a user what is wrong must not itself be open to foreign scripts: nothing inline, nothing from
//! elsewhere.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};

use crate::assets::{self, Asset};
use crate::body::{self, Body};

/// A file of `web/`: `script` or `style`, and its name there.
macro_rules! file {
    ($kind:ident $name:literal) => {
        $kind($name, include_bytes!(concat!("../../../../web/", $name)))
    };
}

/// The files, by their names under `/.towpath/`. A test compares them with the folders.
static FILES: [Asset; 27] = [
    page("check", include_bytes!("../../../../web/check/index.html")),
    file!(style "check/check.css"),
    file!(script "check/check.js"),
    file!(script "check/draw.js"),
    file!(script "check/element.js"),
    file!(script "check/gateway.js"),
    file!(script "check/language.js"),
    file!(script "check/mail.js"),
    file!(script "check/patience.js"),
    file!(script "check/plan.js"),
    file!(script "check/rows.js"),
    file!(script "check/run.js"),
    file!(script "check/sheet.js"),
    file!(script "check/signals.js"),
    file!(script "check/spoken.js"),
    file!(script "check/tools.js"),
    file!(script "check/verdict.js"),
    file!(style "style/base.css"),
    file!(script "text/de-causes.js"),
    file!(script "text/de.js"),
    file!(script "text/en.js"),
    file!(script "check/probes/fetch.js"),
    file!(script "check/probes/idle.js"),
    file!(script "check/probes/requests.js"),
    file!(script "check/probes/socket.js"),
    file!(script "check/probes/sockets.js"),
    file!(script "check/probes/stream.js"),
];

const fn page(name: &'static str, bytes: &'static [u8]) -> Asset {
    Asset::new(name, "text/html; charset=utf-8", bytes)
}

const fn script(name: &'static str, bytes: &'static [u8]) -> Asset {
    Asset::new(name, "text/javascript; charset=utf-8", bytes)
}

const fn style(name: &'static str, bytes: &'static [u8]) -> Asset {
    Asset::new(name, "text/css; charset=utf-8", bytes)
}

/// Answers a request for a file of this name, if there is one.
pub(crate) fn respond(name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Body>> {
    if name == "check/" {
        return Some(without_slash());
    }
    let file = assets::find(&FILES, name)?;
    let mut response = assets::respond(file, method, headers);
    let headers = response.headers_mut();
    headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// The page's links start from its own address, which has no slash at its end.
fn without_slash() -> Response<Body> {
    let mut response = body::text(StatusCode::PERMANENT_REDIRECT, "../check\n");
    let page = HeaderValue::from_static("../check");
    response.headers_mut().insert(header::LOCATION, page);
    response
}

/// Safari takes `'self'` for the page's own scheme alone, which is not that of WebSockets.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn gather(folder: &Path, below: &str, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                gather(&path, &format!("{name}/"), names);
            } else if name != "check/index.html" {
                names.push(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_page_is_served_and_no_other() {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        let mut names = vec!["check".to_owned()];
        for folder in ["check", "style", "text"] {
            gather(&web.join(folder), &format!("{folder}/"), &mut names);
        }
        names.sort();
        let mut served: Vec<&str> = FILES.iter().map(Asset::name).collect();
        served.sort_unstable();
        assert_eq!(served, names);
    }
}
