//! What keeps the side from its work, and whether time alone may help.

use crate::http::{Answer, HttpError};
use crate::state::Why;

/// What keeps the side from its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is worth another try later.
    Wait(Why),
    /// It stays so until somebody changes something.
    Stop(Why),
}

/// Characters of an answer that a sentence shows.
pub(super) const EXCERPT_CHARS_MAX: usize = 160;

impl Fault {
    /// A request without an answer.
    pub(super) fn of_error(error: &HttpError) -> Self {
        let why = Why::from(error.to_string());
        match error {
            HttpError::Unusable(_) => Self::Stop(why),
            _ => Self::Wait(why),
        }
    }

    /// An answer of another status than those of success.
    pub(super) fn of_answer(answer: &Answer, has_token: bool) -> Self {
        let status = answer.status;
        let why = |sentence: &str, remedy: &str| Why {
            sentence: sentence.to_owned(),
            remedy: Some(remedy.to_owned()),
            finding: None,
        };
        match status {
            // A missing key is a bad request to Matterbridge's library, a wrong one unauthorized.
            400 | 401 if !has_token => Self::Stop(why(
                "Matterbridge's API wants a token",
                "Put the `Token` of its `[api]` section into a file, and name that as `token_file`.",
            )),
            400 | 401 => Self::Stop(why(
                "Matterbridge's API does not know this token",
                "Compare it with the `Token` of its `[api]` section.",
            )),
            404 => Self::Wait(why(
                "there is no API of Matterbridge at this address",
                "The address is that of `BindAddress` in its `[api]` section, without `/api`.",
            )),
            _ => {
                let text = answer.excerpt(EXCERPT_CHARS_MAX);
                Self::Wait(Why::from(format!(
                    "Matterbridge's API answered {status} {text}"
                )))
            }
        }
    }

    pub(super) fn why(&self) -> &Why {
        match self {
            Self::Wait(why) | Self::Stop(why) => why,
        }
    }
}
