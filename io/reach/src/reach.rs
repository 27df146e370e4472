//! The one entry: from a request to an open WebSocket or a reason.
//!
//! It must never take a way that the settings do not allow, and never write a secret into a log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use towpath_browser::{BrowserStatus, Keeper};
use towpath_probe::on_network;

use crate::lookups::Lookups;
use crate::opened::{Opened, Way};
use crate::opening::Opening;
use crate::refused::Refused;
use crate::remember::Memory;
use crate::request::Request;
use crate::settings::{Settings, Via};
use crate::verdict::Verdicts;

/// Opens WebSockets for one caller. A clone shares everything: what is remembered, inquiries, the browser.
#[derive(Clone)]
pub struct Reach {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) verdicts: Verdicts,
    pub(crate) keeper: Keeper,
    pub(crate) lookups: Lookups,
    memory: Mutex<Memory>,
}

impl Inner {
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known right now. It holds no secret.
#[derive(Debug, Clone)]
pub struct Status {
    /// The ways that worked lately, by target.
    pub remembered: Vec<Remembered>,
    /// The browser.
    pub browser: BrowserStatus,
}

/// A way that worked lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The remote, without query and credentials.
    pub target: String,
    /// The way.
    pub way: Way,
    /// Why, as [`Opened::why`] says it.
    pub why: String,
}

impl Reach {
    /// Nothing is sent and nothing is started before the first opening.
    pub fn new(settings: Settings) -> Self {
        let mut browser = settings.browser.clone();
        browser.options = on_network(browser.options, &settings.net, &settings.proxy);
        Self {
            inner: Arc::new(Inner {
                settings,
                keeper: Keeper::new(browser),
                verdicts: Verdicts::default(),
                lookups: Lookups::default(),
                memory: Mutex::default(),
            }),
        }
    }

    /// Opens a WebSocket by the way that the settings name, or by the best one. Dropping the future gives up.
    pub async fn open(&self, request: Request) -> Result<Opened, Refused> {
        let opening = Opening::new(Arc::clone(&self.inner), request)?;
        let target = opening.target.key();
        let opened = self.by(opening).await;
        match &opened {
            Ok(opened) => tracing::info!(target, way = %opened.way, why = opened.why, "opened"),
            Err(refused) => tracing::info!(target, %refused, "not opened"),
        }
        opened
    }

    async fn by(&self, mut opening: Opening) -> Result<Opened, Refused> {
        match self.inner.settings.via {
            Via::Browser => return opening.browser().await,
            Via::Direct => opening.proxy = None,
            Via::Proxy if opening.proxy.is_none() => {
                return Err(Refused::failed(
                    "there is no proxy",
                    "none is given, and the environment names none for this address",
                ));
            }
            Via::Proxy | Via::Gateway | Via::Auto => {}
        }
        if let Err(none) = opening.add_token(false).await {
            return match self.inner.settings.via {
                Via::Auto => opening.without_token(none).await,
                _ => Err(none),
            };
        }
        match self.inner.settings.via {
            Via::Auto => opening.auto().await,
            Via::Gateway => opening.session_renewing().await,
            Via::Direct | Via::Proxy | Via::Browser => opening.native(false).await.into_result(),
        }
    }

    /// What is known right now.
    pub fn status(&self) -> Status {
        let all = self.inner.memory().ways.all(Instant::now());
        let remembered = all.into_iter().map(|(target, known)| Remembered {
            target,
            way: known.way,
            why: known.why,
        });
        Status {
            remembered: remembered.collect(),
            browser: self.inner.keeper.status(),
        }
    }

    /// Ends the browser, if one was started, and with it the sockets in it. A later opening starts another.
    pub async fn end(&self) {
        self.inner.keeper.end().await;
    }
}
