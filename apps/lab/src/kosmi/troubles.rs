//! The ways in which the stand-in fails on purpose, and its settable limits. All are off at the start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong until it is set otherwise. `POST /control/troubles` takes any part of it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Troubles {
    /// Handshakes are answered by this status, as the application's own gate does.
    pub(super) refuse: Option<u16>,
    /// Logins are answered by this status.
    pub(super) refuse_login: Option<u16>,
    /// How long a token lives that is given from now on, in seconds.
    pub(super) token_seconds: Option<u64>,
    /// How a bad token is refused.
    pub(super) refusal: Refusal,
    /// `connection_init` is never answered.
    pub(super) no_ack: bool,
    /// So many sendings are answered by `ok: true`, and nobody gets them.
    pub(super) swallow_sends: u32,
    /// So many sendings are kept and told, but the sender's connection drops before it hears anything.
    pub(super) vanish_after_sends: u32,
    /// So many sendings are lost together with the sender's connection.
    pub(super) vanish_before_sends: u32,
    /// Root fields whose operations are never answered.
    pub(super) unanswered: Vec<String>,
    /// Root fields that are answered by a GraphQL error with this message.
    pub(super) errors: BTreeMap<String, String>,
    /// Errors are one object, not a list.
    pub(super) error_as_object: bool,
    /// The archive is answered after so many milliseconds, while new messages are told at once.
    pub(super) archive_delay_ms: u64,
    /// Nobody is told of a message before so many milliseconds have passed.
    pub(super) tell_delay_ms: u64,
    /// Messages in a page of the archive; 50 at 0.
    pub(super) page: usize,
    /// The newest message of a page comes first.
    pub(super) newest_first: bool,
    /// Longer texts are refused, in characters.
    pub(super) body_chars_max: Option<usize>,
}

/// How a bad token is refused. Which of them the engine does is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Refusal {
    /// An `error` message whose id is the payload, on a socket that stays open, as the library does.
    #[default]
    Error,
    /// The close code 4403.
    Forbidden,
    /// The close code 4401.
    Unauthorized,
}

impl Troubles {
    /// The same with the parts that are given.
    pub(super) fn with(&self, parts: &Value) -> Result<Self, serde_json::Error> {
        crate::journal::with_parts(self, parts)
    }

    /// Whether a sending meets one of those that are counted, which it uses up.
    pub(super) fn of_next_send(&mut self) -> SendTrouble {
        for (left, trouble) in [
            (&mut self.swallow_sends, SendTrouble::Swallowed),
            (&mut self.vanish_after_sends, SendTrouble::VanishAfter),
            (&mut self.vanish_before_sends, SendTrouble::VanishBefore),
        ] {
            if *left > 0 {
                *left -= 1;
                return trouble;
            }
        }
        SendTrouble::None
    }

    pub(super) fn page(&self) -> usize {
        if self.page == 0 { PAGE } else { self.page }
    }
}

/// What becomes of one sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SendTrouble {
    None,
    Swallowed,
    VanishAfter,
    VanishBefore,
}

const PAGE: usize = 50;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_set_and_others_stay() {
        let one = Troubles::default()
            .with(&json!({ "refuse": 403, "swallow_sends": 1 }))
            .unwrap();
        let mut two = one.with(&json!({ "refuse": null })).unwrap();
        assert_eq!((two.refuse, two.swallow_sends), (None, 1));
        assert_eq!(two.of_next_send(), SendTrouble::Swallowed);
        assert_eq!(two.of_next_send(), SendTrouble::None);
        assert!(one.with(&json!({ "refuze": 403 })).is_err());
    }
}
