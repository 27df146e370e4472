//! A stand-in page: an empty document of ours at a site's real origin, in which our own sockets live.
//!
//! The browser asks nobody for it: its one request is answered here. So no script runs beside ours, no content security
//! policy applies, and the cookies of the origin go with our sockets. It must never touch a page that somebody else
//! opened; what it opens it closes.

mod own;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use url::Url;

pub(crate) use self::own::OwnPage;
use crate::debugger::{Debugger, Events};
use crate::error::BrowserError;
use crate::local::is_local;
use crate::options::Credentials;
use crate::reaction::Reactions;
use crate::visit::{LOCAL_NETWORK_PERMISSIONS, parse_url};

/// What a stand-in page is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct TabRequest {
    /// `https://host` or `http://host:port`; a path is ignored.
    pub(crate) origin: String,
    /// The browser context, whose cookies it has; `None` is the browser's own.
    pub(crate) context: Option<String>,
    /// For a proxy that asks.
    pub(crate) credentials: Option<Credentials>,
}

/// An open stand-in page. Dropping it closes the page and every socket in it.
pub(crate) struct Tab {
    pub(crate) debugger: Debugger,
    /// For [`Debugger::call`] and [`Debugger::events`].
    pub(crate) session: String,
    /// As a page's script would see it: no path, no default port.
    pub(crate) origin: String,
    page: OwnPage,
    gone: watch::Receiver<Option<Gone>>,
    service: AbortHandle,
}

/// Why a page is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Its renderer process ended.
    Crashed,
    /// Somebody closed it, or its debugging session.
    Closed,
    /// The whole browser ended; in its words.
    BrowserEnded(String),
}

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crashed => formatter.write_str("the browser's page crashed"),
            Self::Closed => formatter.write_str("the browser's page was closed"),
            Self::BrowserEnded(reason) => formatter.write_str(reason),
        }
    }
}

impl Tab {
    /// Opens the page. It is ready for scripts when this returns.
    pub(crate) async fn open(
        debugger: &Debugger,
        request: TabRequest,
    ) -> Result<Self, BrowserError> {
        let address = stand_in_address(&request.origin)?;
        let origin = address.origin().ascii_serialization();
        let page = OwnPage::open(debugger, request.context.as_deref()).await?;
        let session = page.session.clone();
        let (tell_gone, gone) = watch::channel(None);
        let events = debugger.events(&session, SERVED);
        let mut reactions = Reactions::with(request.credentials);
        reactions.stand_in_next = true;
        let keeps_intercepting = reactions.credentials.is_some();
        let service = tokio::spawn(serve(debugger.clone(), events, reactions, tell_gone));
        let tab = Self {
            debugger: debugger.clone(),
            session,
            origin,
            page,
            gone,
            service: service.abort_handle(),
        };
        if !debugger.is_guest() || is_local(&address).await {
            tab.allow_local_network(request.context.as_deref());
        }
        tab.become_stand_in(&address).await?;
        // Watched, every frame of every socket would be reported.
        tab.notify("Network.disable");
        if keeps_intercepting {
            tab.log_in_to_proxy().await;
        } else {
            tab.notify("Fetch.disable");
        }
        Ok(tab)
    }

    /// Waits until the page is no more and tells why; at once, if it is gone already.
    pub(crate) async fn gone(&self) -> Gone {
        let mut gone = self.gone.clone();
        match gone.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(Gone::Closed),
            Err(_) => Gone::Closed,
        }
    }

    /// A call to this page with the usual limit.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value, BrowserError> {
        self.page.call(method, params).await
    }

    /// Makes a request that the proxy asks credentials for, since a handshake it just refuses: what was given once is
    /// known from then on. Only the proxy sees the request, as its host exists nowhere.
    async fn log_in_to_proxy(&self) {
        let request = json!({ "expression": PROXY_REQUEST, "awaitPromise": true });
        let session = Some(self.session.as_str());
        let outcome = self
            .debugger
            .call(session, "Runtime.evaluate", request, PROXY_PATIENCE)
            .await;
        if let Err(error) = outcome {
            tracing::debug!(%error, "the proxy was not asked for a log-in");
        }
    }

    fn notify(&self, method: &str) {
        self.debugger.notify(Some(&self.session), method, json!({}));
    }

    /// A page that no server sent belongs to no network, so the browser would ask before it reaches this machine. It
    /// holds for every page of the origin, so in somebody's own browser it is given only to origins that are local themselves.
    fn allow_local_network(&self, context: Option<&str>) {
        for permission in LOCAL_NETWORK_PERMISSIONS {
            let mut grant = json!({ "permission": { "name": permission }, "setting": "granted",
                "origin": self.origin });
            if let Some(context) = context {
                grant["browserContextId"] = context.into();
            }
            self.debugger.notify(None, "Browser.setPermission", grant);
        }
    }

    async fn become_stand_in(&self, address: &Url) -> Result<(), BrowserError> {
        let everything = json!({ "patterns": [{ "urlPattern": "*" }], "handleAuthRequests": true });
        let bypass = json!({ "bypass": true });
        // They are carried out in the order in which they are sent; waiting in between would only cost time.
        let (_, _, _, _, there) = tokio::try_join!(
            self.call("Inspector.enable", json!({})),
            self.call("Fetch.enable", everything),
            // A service worker of the site would answer instead of us. It is known only while the network is watched.
            self.call("Network.enable", json!({})),
            self.call("Network.setBypassServiceWorker", bypass),
            self.call("Page.navigate", json!({ "url": address.as_str() })),
        )?;
        match there["errorText"].as_str() {
            None => Ok(()),
            Some(reason) => Err(BrowserError::protocol("opening a stand-in page", reason)),
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.service.abort();
    }
}

/// Answers what the page would wait for, until it is gone.
async fn serve(
    debugger: Debugger,
    mut events: Events,
    mut reactions: Reactions,
    tell_gone: watch::Sender<Option<Gone>>,
) {
    let mut gone = Gone::Closed;
    while let Ok(event) = events.next().await {
        if event.method == "Inspector.targetCrashed" {
            gone = Gone::Crashed;
            break;
        }
        for call in reactions.to(&event) {
            debugger.notify(call.session.as_deref(), call.method, call.params);
        }
    }
    if debugger.has_ended() {
        gone = Gone::BrowserEnded(debugger.ended().await.to_string());
    }
    tell_gone.send_replace(Some(gone));
}

fn stand_in_address(origin: &str) -> Result<Url, BrowserError> {
    let mut address = parse_url(origin)?;
    if !matches!(address.scheme(), "http" | "https") {
        return Err(BrowserError::Address {
            address: origin.to_owned(),
            reason: "a page has http or https".to_owned(),
        });
    }
    address.set_path(STAND_IN_PATH);
    address.set_query(None);
    address.set_fragment(None);
    Ok(address)
}

const SERVED: &[&str] = &["Fetch.", "Inspector.", "Page.javascriptDialogOpening"];
/// Seen by nobody but who looks at the browser's own list of pages.
const STAND_IN_PATH: &str = "/towpath-stand-in";
/// Encrypted, so that a page over TLS may make it. RFC 6761 section 6.4 keeps the name free.
const PROXY_REQUEST: &str =
    r#"fetch("https://towpath.invalid/", { mode: "no-cors" }).then(() => {}, () => {})"#;
const PROXY_PATIENCE: Duration = Duration::from_secs(5);
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);
