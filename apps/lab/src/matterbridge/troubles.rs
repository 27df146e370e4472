//! The ways in which the stand-in fails on purpose. All are off at the start.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong until it is set otherwise. `POST /control/troubles` takes any part of it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Troubles {
    /// All routes of the API are answered by this status, as a proxy before it does.
    pub(super) refuse: Option<u16>,
    /// So many messages that are posted are taken, but the connection ends before the answer.
    pub(super) vanish_after_posts: u32,
    /// So many messages that are posted are lost together with the connection.
    pub(super) vanish_before_posts: u32,
    /// Websockets are not greeted.
    pub(super) no_greeting: bool,
}

/// What becomes of one message that is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PostTrouble {
    None,
    VanishAfter,
    VanishBefore,
}

impl Troubles {
    /// The same with the parts that are given.
    pub(super) fn with(&self, parts: &Value) -> Result<Self, serde_json::Error> {
        crate::journal::with_parts(self, parts)
    }

    /// Whether a message meets one of those that are counted, which it uses up.
    pub(super) fn of_next_post(&mut self) -> PostTrouble {
        for (left, trouble) in [
            (&mut self.vanish_after_posts, PostTrouble::VanishAfter),
            (&mut self.vanish_before_posts, PostTrouble::VanishBefore),
        ] {
            if *left > 0 {
                *left -= 1;
                return trouble;
            }
        }
        PostTrouble::None
    }
}
