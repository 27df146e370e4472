//! Requests: the one this program sends first, and the changes that can be made to it.
//!
//! The first request is the table in `first`; every change of the model is one step of
//! `change`. Only well-formed requests leave here.

use towpath_diagnosis::observation::{
    Change, ControlPath, Header, RequestHead, Scheme, TlsLibrary, TokenPlacement,
};
use towpath_websocket::key_from;
use url::Url;

use crate::page;
use crate::run::{Probe, default_port};
use crate::settings::ProbeSettings;

mod change;
mod draft;

pub use draft::Draft;

/// What this program calls itself.
pub const USER_AGENT: &str = concat!("towpath/", env!("CARGO_PKG_VERSION"));

/// What browsers offer, and so does this program.
pub const EXTENSIONS: &str = "permessage-deflate; client_max_window_bits";

/// The browser whose literal User-Agent tests whether a gatekeeper filters by it.
///
/// It is sent in the one request that asks exactly this, and never otherwise.
pub const BROWSER_USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 \
     (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// The opening handshake with changes, or why it cannot be made.
///
/// For the page's cookies the page is visited, once in a run.
pub(crate) async fn handshake(probe: &mut Probe, changes: &[Change]) -> Result<Draft, String> {
    let cookies = if changes.contains(&Change::Cookies) {
        Some(page::cookies(probe).await?)
    } else {
        None
    };
    let mut draft = first(&probe.settings);
    for each in changes {
        change::apply(&mut draft, each, probe, cookies.as_deref())?;
    }
    Ok(draft)
}

/// The handshake that this program sends first.
fn first(settings: &ProbeSettings) -> Draft {
    let mut draft = blank(settings);
    draft.set("User-Agent", USER_AGENT);
    draft.set("Upgrade", "websocket");
    draft.set("Connection", "Upgrade");
    draft.set("Sec-WebSocket-Key", fresh_key());
    draft.set("Sec-WebSocket-Version", "13");
    draft.set("Sec-WebSocket-Extensions", EXTENSIONS);
    if !settings.subprotocols.is_empty() {
        draft.set("Sec-WebSocket-Protocol", settings.subprotocols.join(", "));
    }
    if let Some(origin) = &settings.origin {
        draft.set("Origin", origin);
    }
    add_token(&mut draft, settings);
    add_given(&mut draft, settings);
    draft
}

/// An ordinary request to the target.
pub(crate) fn control(probe: &Probe, path: ControlPath) -> Draft {
    let settings = &probe.settings;
    let mut draft = blank(settings);
    draft.set("User-Agent", USER_AGENT);
    draft.set("Accept", "*/*");
    draft.set("Connection", "close");
    add_token(&mut draft, settings);
    add_given(&mut draft, settings);
    draft
        .head
        .headers
        .retain(|header| !belongs_to_handshake(&header.name));
    match path {
        ControlPath::Same => {}
        ControlPath::Root => "/".clone_into(&mut draft.head.target),
        ControlPath::Absent => draft.head.target = absent_path(),
    }
    draft
}

/// An ordinary request for the page whose cookies are wanted. The user's headers are the target's
/// and are not sent with it.
pub(crate) fn page(probe: &Probe, url: &Url) -> Result<Draft, String> {
    let mut draft = blank(&probe.settings);
    draft.scheme = match url.scheme() {
        "http" => Scheme::Ws,
        "https" => Scheme::Wss,
        other => return Err(format!("a page cannot be visited by {other}")),
    };
    let host = url.host_str().ok_or("the page's URL names no host")?;
    host.trim_matches(['[', ']']).clone_into(&mut draft.host);
    draft.port = url.port().unwrap_or(default_port(draft.scheme));
    draft.head.target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    draft.name_host();
    draft.set("User-Agent", USER_AGENT);
    draft.set("Accept", "text/html, */*");
    draft.set("Connection", "close");
    Ok(draft)
}

fn belongs_to_handshake(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("sec-websocket-") || lower == "upgrade"
}

fn blank(settings: &ProbeSettings) -> Draft {
    let mut draft = Draft {
        head: RequestHead {
            method: "GET".to_owned(),
            target: settings.path.clone(),
            version: "HTTP/1.1".to_owned(),
            headers: Vec::new(),
        },
        scheme: settings.scheme,
        host: settings.host.clone(),
        port: settings.port,
        address: None,
        direct: false,
        library: TlsLibrary::Rustls,
        http2: false,
        pause: None,
    };
    draft.name_host();
    draft
}

fn add_token(draft: &mut Draft, settings: &ProbeSettings) {
    if let Some(token) = &settings.token {
        place_token(draft, &token.value, &token.placement);
    }
}

fn place_token(draft: &mut Draft, token: &str, placement: &TokenPlacement) {
    match placement {
        TokenPlacement::Header => draft.set("Authorization", format!("Bearer {token}")),
        TokenPlacement::Query { name } => {
            let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
            add_query(draft, &format!("{name}={encoded}"));
        }
        // It goes into the first message, not into the request.
        TokenPlacement::Init => {}
    }
}

fn add_query(draft: &mut Draft, parameters: &str) {
    let mark = if draft.head.target.contains('?') {
        '&'
    } else {
        '?'
    };
    draft.head.target.push(mark);
    draft.head.target.push_str(parameters);
}

/// The user's headers: each replaces one of the program's own, an empty one removes it.
fn add_given(draft: &mut Draft, settings: &ProbeSettings) {
    let mut given: Vec<&str> = Vec::new();
    for Header { name, value } in &settings.headers {
        let repeated = given.iter().any(|known| known.eq_ignore_ascii_case(name));
        if value.is_empty() {
            draft.remove(name);
        } else if repeated {
            draft.head.headers.push(Header {
                name: name.clone(),
                value: value.clone(),
            });
        } else {
            draft.set(name, value);
        }
        given.push(name);
    }
}

/// A `Sec-WebSocket-Key` that was never sent before.
fn fresh_key() -> String {
    key_from(random())
}

fn absent_path() -> String {
    let [a, b, c, d]: [u8; 4] = random();
    format!("/towpath-absent-{a:02x}{b:02x}{c:02x}{d:02x}")
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a source of random bytes");
    bytes
}

#[cfg(test)]
mod tests;
