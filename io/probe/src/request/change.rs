//! One step per change of the model.
//!
//! A change alters exactly what it names, so that an outcome that flips with it names its cause.

use std::net::IpAddr;
use std::time::Duration;

use towpath_diagnosis::observation::{Change, OriginKind, Scheme, TlsLibrary, TokenPlacement};
use towpath_net::proxy::authority;
use url::Url;

use super::draft::Draft;
use super::{BROWSER_USER_AGENT, absent_path, add_query, fresh_key, place_token};
use crate::run::{Probe, default_port};

/// The Origin of a site that has nothing to do with the target.
const FOREIGN_ORIGIN: &str = "https://example.com";

/// The order in which Chromium sends the headers of a handshake.
const BROWSER_ORDER: [&str; 15] = [
    "Host",
    "Connection",
    "Pragma",
    "Cache-Control",
    "User-Agent",
    "Upgrade",
    "Origin",
    "Sec-WebSocket-Version",
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
    "Authorization",
];

/// Applies one change, or says why it cannot be.
pub(super) fn apply(
    draft: &mut Draft,
    change: &Change,
    probe: &Probe,
    cookies: Option<&str>,
) -> Result<(), String> {
    match change {
        Change::WithoutSubprotocol => draft.remove("Sec-WebSocket-Protocol"),
        Change::Subprotocol { name } => draft.set("Sec-WebSocket-Protocol", name),
        Change::Origin { origin } => set_origin(draft, *origin, probe)?,
        Change::BrowserHeaders => browser_headers(draft),
        Change::BrowserUserAgent => draft.set("User-Agent", BROWSER_USER_AGENT),
        Change::Cookies => draft.set("Cookie", cookies.ok_or("the page sets no cookie")?),
        Change::WithoutCookies => draft.remove("Cookie"),
        Change::Token { placement } => move_token(draft, Some(placement), probe)?,
        Change::WithoutToken => move_token(draft, None, probe)?,
        Change::WithoutExtensions => draft.remove("Sec-WebSocket-Extensions"),
        Change::WithoutHeader { name } => draft.remove(name),
        Change::HeaderFrom { name } => header_from(draft, name, probe)?,
        Change::Like => like(draft, probe)?,
        Change::PathOf => draft.head.target.clone_from(&other(probe)?.target),
        Change::HostWithPort => draft.set("Host", authority(&draft.host, draft.port)),
        Change::AbsentPath => draft.head.target = absent_path(),
        Change::EngineIo => add_query(draft, "EIO=4&transport=websocket"),
        _ => reroute(draft, change, probe)?,
    }
    Ok(())
}

/// Changes of the way rather than of the request.
fn reroute(draft: &mut Draft, change: &Change, probe: &Probe) -> Result<(), String> {
    match change {
        Change::Http2 => draft.http2 = true,
        Change::OpenSsl => draft.library = TlsLibrary::OpenSsl,
        Change::Address { address } => {
            let literal: Result<IpAddr, _> = address.parse();
            draft.address = Some(literal.map_err(|_| format!("`{address}` is not an address"))?);
        }
        Change::Direct => draft.direct = true,
        Change::AfterPause { pause_ms } => draft.pause = Some(Duration::from_millis(*pause_ms)),
        Change::Port { port } => {
            draft.port = *port;
            draft.name_host();
        }
        Change::OtherScheme => {
            let was = draft.scheme;
            draft.scheme = match was {
                Scheme::Ws => Scheme::Wss,
                Scheme::Wss => Scheme::Ws,
            };
            if draft.port == default_port(was) {
                draft.port = default_port(draft.scheme);
            }
            draft.name_host();
        }
        Change::Redirected { .. } => redirect(draft, probe)?,
        // The same again, and whatever is not of the way, needs nothing here.
        _ => {}
    }
    Ok(())
}

fn set_origin(draft: &mut Draft, kind: OriginKind, probe: &Probe) -> Result<(), String> {
    match kind {
        OriginKind::None => draft.remove("Origin"),
        OriginKind::Site => draft.set("Origin", draft.site()),
        OriginKind::Foreign => draft.set("Origin", FOREIGN_ORIGIN),
        OriginKind::Given => {
            let given = probe
                .settings
                .origin
                .as_ref()
                .ok_or("no Origin was given")?;
            draft.set("Origin", given);
        }
    }
    Ok(())
}

fn browser_headers(draft: &mut Draft) {
    draft.set("Pragma", "no-cache");
    draft.set("Cache-Control", "no-cache");
    draft.set("Accept-Encoding", "gzip, deflate, br, zstd");
    draft.set("Accept-Language", "en-US,en;q=0.9");
    let place = |name: &str| {
        BROWSER_ORDER
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
            .unwrap_or(BROWSER_ORDER.len())
    };
    draft.head.headers.sort_by_key(|header| place(&header.name));
}

/// Takes the token from wherever it is and puts it elsewhere, or nowhere.
fn move_token(draft: &mut Draft, to: Option<&TokenPlacement>, probe: &Probe) -> Result<(), String> {
    let token = probe.settings.token.as_ref().ok_or("no token was given")?;
    match &token.placement {
        TokenPlacement::Header => draft.remove("Authorization"),
        TokenPlacement::Query { name } => {
            draft.head.target = without_query(&draft.head.target, name);
        }
        TokenPlacement::Init => {}
    }
    if let Some(placement) = to {
        place_token(draft, &token.value, placement);
    }
    Ok(())
}

fn without_query(target: &str, name: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| pair.split('=').next() != Some(name))
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

fn other(probe: &Probe) -> Result<&towpath_diagnosis::observation::RequestHead, String> {
    let like = probe.settings.like.as_ref();
    like.ok_or_else(|| "there is no working request to compare with".to_owned())
}

fn header_from(draft: &mut Draft, name: &str, probe: &Probe) -> Result<(), String> {
    let theirs = other(probe)?;
    let value = theirs
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.clone())
        .ok_or_else(|| format!("the working request has no header {name}"))?;
    draft.set(name, value);
    Ok(())
}

/// The other request as it is, with a key of its own and what a handshake cannot be without.
fn like(draft: &mut Draft, probe: &Probe) -> Result<(), String> {
    let theirs = other(probe)?;
    draft.head.target.clone_from(&theirs.target);
    draft.head.headers = theirs
        .headers
        .iter()
        .filter(|header| !header.name.starts_with(':'))
        .cloned()
        .collect();
    draft.set("Sec-WebSocket-Key", fresh_key());
    for (name, value) in [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
    ] {
        if draft.value(name).is_none() {
            draft.set(name, value);
        }
    }
    if draft.value("Host").is_none() {
        draft.name_host();
    }
    Ok(())
}

/// Follows the place that the last redirect named, once.
fn redirect(draft: &mut Draft, probe: &Probe) -> Result<(), String> {
    let location = probe.location.as_ref().ok_or("nothing redirected")?;
    let base = format!("{}{}", draft.site(), draft.head.target);
    let unusable = |_| {
        format!(
            "the redirect names no usable place: {}",
            probe.redactor().url(location)
        )
    };
    let place = Url::parse(&base)
        .and_then(|base| base.join(location))
        .map_err(unusable)?;
    draft.scheme = match place.scheme() {
        "http" | "ws" => Scheme::Ws,
        "https" | "wss" => Scheme::Wss,
        other => return Err(format!("the redirect leads to the scheme {other}")),
    };
    let host = place.host_str().ok_or("the redirect names no host")?;
    host.trim_matches(['[', ']']).clone_into(&mut draft.host);
    draft.port = place.port().unwrap_or(default_port(draft.scheme));
    draft.head.target = match place.query() {
        Some(query) => format!("{}?{query}", place.path()),
        None => place.path().to_owned(),
    };
    draft.name_host();
    Ok(())
}
