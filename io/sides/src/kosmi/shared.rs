//! What all rooms of a side have in common. It must never hold anything of one room.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc};
use towpath_browser::KeeperSettings;
use towpath_reach::Reach;

use super::board::Board;
use super::ids::Ids;
use super::login::Logins;
use super::settings::Settings;
use crate::side::Event;

/// Ids that were ever ours. A visitor's id changes when its login ends.
const OWN_MAX: usize = 256;

/// Rooms that are connected to at the same moment; the others wait, so that a start is no storm.
const OPENINGS_MAX: usize = 4;

/// What all rooms of a side have in common.
pub(super) struct Shared {
    /// Permits to open a connection.
    pub(super) openings: Semaphore,
    pub(super) settings: Settings,
    pub(super) reach: Reach,
    pub(super) logins: Logins,
    pub(super) board: Board,
    pub(super) events: mpsc::Sender<Event>,
    own: Mutex<Ids>,
}

impl Shared {
    pub(super) fn new(
        settings: Settings,
        logins: Logins,
        board: Board,
        events: mpsc::Sender<Event>,
        own_user_ids: &[String],
    ) -> Self {
        let mut own = Ids::new(OWN_MAX);
        for id in own_user_ids {
            own.put(id);
        }
        Self {
            openings: Semaphore::new(OPENINGS_MAX),
            reach: Reach::new(reach(&settings)),
            settings,
            logins,
            board,
            events,
            own: Mutex::new(own),
        }
    }

    /// Whether what this user says is ours.
    pub(super) fn is_own(&self, user_id: Option<&str>) -> bool {
        user_id.is_some_and(|id| self.own().has(id))
    }

    /// We speak as this user from now on.
    pub(super) async fn is_us(&self, user_id: &str) {
        let is_new = self.own().put(user_id);
        if is_new {
            let user_id = user_id.to_owned();
            // Without an owner there is nobody to remember it for.
            let _ = self.events.send(Event::Own { user_id }).await;
        }
    }

    fn own(&self) -> MutexGuard<'_, Ids> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reach(settings: &Settings) -> towpath_reach::Settings {
    let mut reach = towpath_reach::Settings::default();
    reach.via = settings.via;
    reach.net = settings.network.net.clone();
    reach.proxy = settings.network.proxy.clone();
    reach.origin = Some(settings.profile.origin().to_owned());
    reach.may_use_browser = settings.may_use_browser;
    reach.account.clone_from(&settings.account);
    reach.browser = KeeperSettings {
        options: settings.browser.clone(),
        ..KeeperSettings::default()
    };
    reach.message_bytes_max = towpath_graphql::limits::MESSAGE_BYTES_MAX;
    reach
}
