//! What all requests share.

use std::sync::Arc;

use crate::backend::Upstream;
use crate::config::Settings;
use crate::error::ServeError;
use crate::sessions::Sessions;

/// One gateway: its settings and everything that lives as long as it does.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// The settings it was started with.
    pub(crate) settings: Settings,
    /// What stands behind it.
    pub(crate) upstream: Upstream,
    /// Every session.
    pub(crate) sessions: Sessions,
}

impl Gateway {
    /// Reads the files that the settings name.
    pub(crate) fn new(settings: Settings) -> Result<Arc<Self>, ServeError> {
        Ok(Arc::new(Self {
            upstream: Upstream::new(&settings)?,
            sessions: Sessions::new(&settings),
            settings,
        }))
    }
}
