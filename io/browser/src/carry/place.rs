//! An origin under an account: its page, opened when first needed and again after it ended, and what was visited.
//!
//! Whoever comes while a page is being opened or visited waits for that one. It must never open a second page beside a
//! living one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::carry::link::LinkServer;
use crate::carry::page::SocketPage;
use crate::carry::request::OpenError;
use crate::carry::visit;
use crate::debugger::Debugger;
use crate::error::BrowserError;
use crate::options::Credentials;
use crate::tab::TabRequest;
use crate::visit::parse_url;

/// Where the sockets of one origin and account live.
pub(crate) struct Place {
    origin: String,
    context: Option<String>,
    /// Held while a page is opened.
    page: tokio::sync::Mutex<()>,
    current: Mutex<Option<Arc<SocketPage>>>,
    /// Held while a page is visited.
    visits: tokio::sync::Mutex<()>,
    /// When each page was visited last, or tried to be.
    visited: Mutex<HashMap<String, Instant>>,
}

/// What opening a page needs of the browser.
pub(crate) struct Opener<'a> {
    pub(crate) server: &'a LinkServer,
    pub(crate) debugger: &'a Debugger,
    pub(crate) credentials: Option<Credentials>,
}

impl Place {
    pub(crate) fn new(origin: String, context: Option<String>) -> Self {
        Self {
            origin,
            context,
            page: tokio::sync::Mutex::default(),
            current: Mutex::default(),
            visits: tokio::sync::Mutex::default(),
            visited: Mutex::default(),
        }
    }

    /// The page that holds sockets of this place.
    pub(crate) async fn page(&self, opener: &Opener<'_>) -> Result<Arc<SocketPage>, OpenError> {
        let _opening = self.page.lock().await;
        if let Some(page) = self.living() {
            return Ok(page);
        }
        let request = TabRequest {
            origin: self.origin.clone(),
            context: self.context.clone(),
            credentials: opener.credentials.clone(),
        };
        let page = SocketPage::open(opener.debugger, opener.server, request).await?;
        let page = Arc::new(page);
        *self.current() = Some(Arc::clone(&page));
        Ok(page)
    }

    /// Visits a page once, for its cookies and what its scripts keep. Gives what to say of it.
    pub(crate) async fn visit(&self, opener: &Opener<'_>, page: &str) -> Result<String, OpenError> {
        let _visiting = self.visits.lock().await;
        if self.last_visit(page).is_none() {
            self.go_to(opener, page).await?;
            self.note_visit(page);
        }
        Ok(visit_note(page))
    }

    /// Visits a page because a handshake that began then was refused, unless that was of no use lately. `None` where
    /// another try is pointless.
    pub(crate) async fn visit_for(
        &self,
        opener: &Opener<'_>,
        page: &str,
        handshake_began: Instant,
    ) -> Result<Option<String>, OpenError> {
        let _visiting = self.visits.lock().await;
        match self.last_visit(page) {
            // Somebody else's visit, which this handshake came too early for.
            Some(visited) if visited > handshake_began => {}
            Some(visited) if visited.elapsed() < VISIT_AGAIN_AFTER => return Ok(None),
            Some(_) | None => {
                // Also where it fails: a site that shows no page must not be asked at every refusal.
                self.note_visit(page);
                self.go_to(opener, page).await?;
                self.note_visit(page);
            }
        }
        Ok(Some(visit_note(page)))
    }

    async fn go_to(&self, opener: &Opener<'_>, page: &str) -> Result<(), OpenError> {
        let credentials = opener.credentials.clone();
        visit::visit(opener.debugger, self.context.as_deref(), credentials, page).await
    }

    fn last_visit(&self, page: &str) -> Option<Instant> {
        self.visited().get(page).copied()
    }

    fn note_visit(&self, page: &str) {
        let mut visited = self.visited();
        if visited.len() >= VISITS_KEPT_MAX {
            visited.clear();
        }
        visited.insert(page.to_owned(), Instant::now());
    }

    pub(crate) fn sockets(&self) -> usize {
        self.living().map_or(0, |page| page.sockets())
    }

    pub(crate) fn has_page(&self) -> bool {
        self.living().is_some()
    }

    fn living(&self) -> Option<Arc<SocketPage>> {
        let mut current = self.current();
        if current.as_ref().is_some_and(|page| !page.is_there()) {
            *current = None;
        }
        current.clone()
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<SocketPage>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visited(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.visited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The origin of a page, or of the page beside a WebSocket.
pub(crate) fn origin_of(address: &Url) -> String {
    let mut address = address.clone();
    let page_scheme = match address.scheme() {
        "wss" => "https",
        "ws" => "http",
        _ => return address.origin().ascii_serialization(),
    };
    address
        .set_scheme(page_scheme)
        .expect("both are schemes with a host");
    address.origin().ascii_serialization()
}

/// The page to visit where none was named.
pub(crate) fn site_root(origin: &str) -> Result<String, BrowserError> {
    parse_url(origin).map(|root| root.to_string())
}

fn visit_note(page: &str) -> String {
    format!("after a visit of {}", shown(page))
}

/// Without what may be secret.
fn shown(page: &str) -> String {
    match parse_url(page) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
        Err(_) => "the page".to_owned(),
    }
}

/// What a visit gave may have expired after this; before, a refusal has another cause.
const VISIT_AGAIN_AFTER: Duration = Duration::from_mins(10);
/// Pages whose visit is remembered.
const VISITS_KEPT_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websocket_has_the_origin_of_the_page_beside_it() {
        let origin = |address: &str| origin_of(&parse_url(address).expect("address"));
        assert_eq!(
            origin("wss://a.example:8443/s?token=x"),
            "https://a.example:8443"
        );
        assert_eq!(origin("wss://a.example:443/s"), "https://a.example");
        assert_eq!(origin("ws://[::1]:80/s"), "http://[::1]");
        assert_eq!(origin("https://a.example/page"), "https://a.example");
    }

    #[test]
    fn a_visit_is_told_without_its_query() {
        assert_eq!(
            shown("https://a.example/login?code=secret#x"),
            "https://a.example/login"
        );
    }
}
