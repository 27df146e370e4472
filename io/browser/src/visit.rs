//! Brings the page to the right origin: the real page, or an empty stand-in of the same origin.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use crate::challenge::challenge;
use crate::error::BrowserError;
use crate::local::is_local;
use crate::page::{Answer, Page};
use crate::record::PageVisit;
use crate::request::{CaptureRequest, PageChoice};

/// Goes to the chosen page. A page that does not load is a fact of the visit, not an error.
pub(crate) async fn visit(
    page: &mut Page<'_>,
    request: &CaptureRequest,
) -> Result<PageVisit, BrowserError> {
    let target = parse_url(&request.websocket_url)?;
    let (address, real) = match &request.page {
        PageChoice::SiteRoot => (site_root(&target), true),
        PageChoice::Visit(address) => (parse_url(address)?, true),
        PageChoice::StandIn(address) => (parse_url(address)?, false),
    };
    let mut visit = PageVisit {
        requested_url: address.to_string(),
        final_url: address.to_string(),
        ..PageVisit::default()
    };
    if real {
        visit.error = navigate(page, &address, request.page_timeout).await?;
        take_facts(page, &mut visit).await?;
        if let Some(error) = visit.error.clone() {
            stand_in(page, &mut visit, &format!("the page did not load: {error}")).await?;
        }
    } else {
        stand_in(page, &mut visit, "asked for").await?;
    }
    visit.cookies = cookies(page, &[&visit.final_url, &twin(&target)]).await?;
    Ok(visit)
}

/// Replaces the page by an empty one of the same origin, and says so in the visit.
pub(crate) async fn stand_in(
    page: &mut Page<'_>,
    visit: &mut PageVisit,
    reason: &str,
) -> Result<(), BrowserError> {
    let address = parse_url(&visit.final_url)?;
    // A page that no server sent belongs to no network, so the browser would ask before it reaches a private one. In
    // somebody's own browser it may ask, as the permission would hold for their pages too; but for local pages.
    let permissions = if page.is_guest() && !is_local(&address).await {
        &[]
    } else {
        &LOCAL_NETWORK_PERMISSIONS[..]
    };
    for permission in permissions {
        let grant = json!({ "permission": { "name": permission }, "setting": "granted",
            "origin": address.origin().ascii_serialization() });
        page.try_browser("Browser.setPermission", grant).await?;
    }
    page.intercept().await?;
    page.reactions.stand_in_next = true;
    let error = navigate(page, &address, STAND_IN_TIMEOUT).await?;
    if page.reactions.credentials.is_none() {
        page.command("Fetch.disable", json!({})).await?;
    }
    // A replaced document was counted as a request but reached nobody.
    page.recorder.requests_made = page.recorder.requests_made.saturating_sub(1);
    match error {
        None => visit.substituted = Some(reason.to_owned()),
        Some(error) => {
            return Err(BrowserError::protocol("opening a stand-in page", error));
        }
    }
    Ok(())
}

/// Goes to an address and waits until it has loaded. Gives the reason if no document came.
async fn navigate(
    page: &mut Page<'_>,
    address: &Url,
    limit: Duration,
) -> Result<Option<String>, BrowserError> {
    let deadline = Instant::now() + limit;
    let error = go(page, address, limit).await?;
    if error.is_none() {
        // A page whose parts are slow is good enough for its origin and cookies.
        let rest = deadline.saturating_duration_since(Instant::now());
        page.run_until(rest, |recorder| recorder.document.loaded)
            .await?;
    }
    Ok(error)
}

/// Goes to an address until its document begins. Gives the reason if none came.
pub(crate) async fn go(
    page: &mut Page<'_>,
    address: &Url,
    limit: Duration,
) -> Result<Option<String>, BrowserError> {
    page.recorder.document.loaded = false;
    let navigated = page
        .call("Page.navigate", json!({ "url": address.as_str() }), limit)
        .await?;
    Ok(match navigated {
        Answer::Result(result) if result["isDownload"] == true => {
            Some("it is a download, not a page".to_owned())
        }
        Answer::Result(result) => result["errorText"].as_str().map(str::to_owned),
        Answer::Refused(reason) => Some(reason),
        Answer::TimedOut => {
            page.command("Page.stopLoading", json!({})).await?;
            Some(format!("no answer within {} s", limit.as_secs_f32()))
        }
    })
}

async fn take_facts(page: &mut Page<'_>, visit: &mut PageVisit) -> Result<(), BrowserError> {
    let document = &page.recorder.document;
    visit.status = document.status;
    visit.http_version.clone_from(&document.http_version);
    visit.remote_address = document.remote_address;
    visit.security.clone_from(&document.security);
    visit.headers.clone_from(&document.headers);
    if visit.error.is_some() {
        return Ok(());
    }
    let judged = challenge(page).await?;
    visit.challenge = judged.challenge;
    visit.body_prefix = judged.body_prefix;
    let document = &page.recorder.document;
    if let Some(url) = document.url.as_ref().filter(|url| url.starts_with("http")) {
        visit.final_url.clone_from(url);
    }
    let title = json!({ "expression": "document.title", "returnByValue": true });
    if let Answer::Result(result) = page.call("Runtime.evaluate", title, TITLE_TIMEOUT).await? {
        visit.title = result["result"]["value"]
            .as_str()
            .filter(|title| !title.is_empty())
            .map(str::to_owned);
    }
    Ok(())
}

/// Names and values of the cookies that the browser would send to these addresses.
async fn cookies(
    page: &mut Page<'_>,
    addresses: &[&str],
) -> Result<Vec<(String, String)>, BrowserError> {
    let found = page
        .command("Network.getCookies", json!({ "urls": addresses }))
        .await?;
    let text = |cookie: &Value, key: &str| cookie[key].as_str().unwrap_or_default().to_owned();
    let cookies = found["cookies"].as_array().into_iter().flatten();
    Ok(cookies
        .map(|cookie| (text(cookie, "name"), text(cookie, "value")))
        .collect())
}

/// The host of an address that has one.
pub(crate) fn host_of(address: &str) -> Option<String> {
    parse_url(address).ok()?.host_str().map(str::to_owned)
}

/// Parses an absolute address with a host.
pub(crate) fn parse_url(address: &str) -> Result<Url, BrowserError> {
    let wrong = |reason: String| BrowserError::Address {
        address: address.to_owned(),
        reason,
    };
    let url = Url::parse(address).map_err(|error| wrong(error.to_string()))?;
    if url.has_host() {
        Ok(url)
    } else {
        Err(wrong("it has no host".to_owned()))
    }
}

/// The web page address beside a WebSocket's, which cookies are kept for.
fn twin(websocket: &Url) -> String {
    let address = websocket.as_str();
    match address.strip_prefix("ws") {
        Some(rest) => format!("http{rest}"),
        None => address.to_owned(),
    }
}

fn site_root(websocket: &Url) -> Url {
    let mut root = Url::parse(&twin(websocket)).expect("another scheme keeps an address valid");
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    root
}

/// The names differ between versions of the browser; it ignores those it does not know.
pub(crate) const LOCAL_NETWORK_PERMISSIONS: [&str; 3] =
    ["loopback-network", "local-network", "local-network-access"];
const STAND_IN_TIMEOUT: Duration = Duration::from_secs(5);
const TITLE_TIMEOUT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_root_has_the_websockets_host_port_and_security() {
        let root = |address: &str| site_root(&parse_url(address).expect("address")).to_string();
        assert_eq!(
            root("wss://a.example:8443/s/1?token=x"),
            "https://a.example:8443/"
        );
        assert_eq!(root("ws://[::1]/socket"), "http://[::1]/");
    }

    #[test]
    fn an_address_needs_a_host() {
        assert!(parse_url("data:text/plain,x").is_err());
        assert!(parse_url("a.example/s").is_err());
    }
}
