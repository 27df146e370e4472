//! Sockets of the browser's own, carried to us as streams of messages.
//!
//! For each origin and account one empty page of ours (`page`), which dials back to a listener on loopback (`link`).
//! Over that link go the records (`record`) of all its sockets (`hub`, `socket`); the debugging protocol only controls,
//! tells what scripts cannot see (`answers`), and carries where dialling back is impossible (`debugged`). Where the
//! page's site has to be visited first, `visit` does. Must never write into a page that is not ours.

mod answers;
mod debugged;
mod hub;
mod line;
mod link;
mod page;
mod place;
mod record;
mod request;
mod socket;
mod visit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::debugger::Debugger;
use crate::error::BrowserError;
use crate::options::Credentials;
use crate::tab::CALL_TIMEOUT;
use crate::visit::parse_url;

pub(crate) use self::link::LinkServer;
use self::place::{Place, origin_of, site_root};
pub use self::request::{HandshakeAnswer, OpenError, Over, SocketRequest};
pub use self::socket::{BrowserReceiver, BrowserSender, BrowserSocket, Message, SocketEvent};

/// Opens sockets in one running browser. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Carrier {
    shared: Arc<Shared>,
}

/// By origin and account.
type Places = HashMap<(String, Option<String>), Arc<Place>>;

struct Shared {
    server: Arc<LinkServer>,
    debugger: Debugger,
    credentials: Option<Credentials>,
    places: Mutex<Places>,
    /// The browser context of each account. Held while one is made.
    contexts: tokio::sync::Mutex<HashMap<String, String>>,
    /// When a socket was last seen to be opened or held.
    busy: Mutex<Instant>,
}

impl Carrier {
    /// For the browser behind this connection; `credentials` are for a proxy that asks.
    pub(crate) fn new(
        server: Arc<LinkServer>,
        debugger: Debugger,
        credentials: Option<Credentials>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                server,
                debugger,
                credentials,
                places: Mutex::default(),
                contexts: tokio::sync::Mutex::default(),
                busy: Mutex::new(Instant::now()),
            }),
        }
    }

    /// Opens a socket, at most for the request's time. Cancelling gives it up.
    pub(crate) async fn open(&self, request: &SocketRequest) -> Result<BrowserSocket, OpenError> {
        self.touch();
        match timeout(request.timeout, self.open_in_place(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(OpenError::TimedOut {
                limit: request.timeout,
            }),
        }
    }

    /// Sockets that are open or opening.
    pub(crate) fn sockets(&self) -> usize {
        let count = self.places().values().map(|place| place.sockets()).sum();
        if count > 0 {
            self.touch();
        }
        count
    }

    /// Pages that are open.
    pub(crate) fn pages(&self) -> usize {
        self.places()
            .values()
            .filter(|place| place.has_page())
            .count()
    }

    /// Since when no socket has been open, as far as [`Carrier::sockets`] was asked; `None` while one is.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        (self.sockets() == 0).then(|| *self.lock_busy())
    }

    async fn open_in_place(&self, request: &SocketRequest) -> Result<BrowserSocket, OpenError> {
        let target = parse_url(&request.url)?;
        let origin = match (&request.origin, &request.page) {
            (Some(origin), _) => origin_of(&parse_url(origin)?),
            (None, Some(page)) => origin_of(&parse_url(page)?),
            (None, None) => origin_of(&target),
        };
        let context = self.context(request.account.as_deref()).await?;
        let place = self.place(&origin, request.account.as_deref(), context)?;
        let opener = place::Opener {
            server: &self.shared.server,
            debugger: &self.shared.debugger,
            credentials: self.shared.credentials.clone(),
        };
        let mut note = String::new();
        if let Some(page) = &request.page {
            note = place.visit(&opener, page).await?;
        }
        let began = Instant::now();
        let refusal = match place.page(&opener).await?.socket(request, &note).await {
            Err(error) if may_want_cookies(&error) => error,
            outcome => return outcome,
        };
        let page = match &request.page {
            Some(page) => page.clone(),
            None => site_root(&origin)?,
        };
        // The refusal of the handshake is the finding, whatever a further visit meets.
        match place.visit_for(&opener, &page, began).await {
            Ok(None) => Err(refusal),
            Ok(Some(note)) => place.page(&opener).await?.socket(request, &note).await,
            Err(OpenError::Challenge {
                sentence, remedy, ..
            }) => Err(OpenError::Challenge {
                sentence,
                remedy,
                answer: match refusal {
                    OpenError::Refused { answer, .. } => Some(answer),
                    _ => None,
                },
            }),
            Err(_) => Err(refusal),
        }
    }

    /// The browser context of an account, made when it is first asked for.
    async fn context(&self, account: Option<&str>) -> Result<Option<String>, OpenError> {
        let Some(account) = account else {
            return Ok(None);
        };
        let mut contexts = self.shared.contexts.lock().await;
        if let Some(context) = contexts.get(account) {
            return Ok(Some(context.clone()));
        }
        if contexts.len() >= ACCOUNTS_MAX {
            return Err(OpenError::Limit {
                what: format!("it keeps {ACCOUNTS_MAX} of at most {ACCOUNTS_MAX} accounts apart"),
            });
        }
        let method = "Target.createBrowserContext";
        let made = self
            .shared
            .debugger
            .call(
                None,
                method,
                json!({ "disposeOnDetach": true }),
                CALL_TIMEOUT,
            )
            .await?;
        let Some(context) = made["browserContextId"].as_str() else {
            return Err(BrowserError::protocol(method, "no context came").into());
        };
        contexts.insert(account.to_owned(), context.to_owned());
        Ok(Some(context.to_owned()))
    }

    fn place(
        &self,
        origin: &str,
        account: Option<&str>,
        context: Option<String>,
    ) -> Result<Arc<Place>, OpenError> {
        let key = (origin.to_owned(), account.map(str::to_owned));
        let mut places = self.places();
        if let Some(place) = places.get(&key) {
            return Ok(Arc::clone(place));
        }
        if places.len() >= PAGES_MAX {
            // Somebody may be about to open a socket in a place that is held elsewhere.
            places.retain(|_, place| place.sockets() > 0 || Arc::strong_count(place) > 1);
        }
        if places.len() >= PAGES_MAX {
            return Err(OpenError::Limit {
                what: format!("it has {PAGES_MAX} of at most {PAGES_MAX} pages"),
            });
        }
        let place = Arc::new(Place::new(origin.to_owned(), context));
        places.insert(key, Arc::clone(&place));
        Ok(place)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        let places = self.shared.places.lock();
        places.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_busy(&self) -> MutexGuard<'_, Instant> {
        let busy = self.shared.busy.lock();
        busy.unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self) {
        *self.lock_busy() = Instant::now();
    }
}

/// Whether the site's page could change what the server answered: it wants a login or a cookie, or leads to one. Who
/// is asked to come later, or has the wrong path, must not be asked again.
fn may_want_cookies(error: &OpenError) -> bool {
    match error {
        OpenError::Refused { answer, .. } => {
            matches!(answer.status, 300..=399 | 400 | 401 | 403)
        }
        _ => false,
    }
}

/// Pages at once. Each has a renderer of its own, of some 15 MB.
const PAGES_MAX: usize = 32;
/// Contexts at once.
const ACCOUNTS_MAX: usize = 32;

#[cfg(test)]
mod tests;
