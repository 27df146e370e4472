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
        // A missing key is a bad request to Matterbridge's library, a wrong one unauthorized. Other bad requests pass.
        let is_about_key = status == 401 || answer.excerpt(EXCERPT_CHARS_MAX).contains("key");
        match status {
            400 | 401 if is_about_key && !has_token => Self::Stop(why(
                "Matterbridge's API wants a token",
                "Put the `Token` of its `[api]` section into a file, and name that as `token_file`.",
            )),
            400 | 401 if is_about_key => Self::Stop(why(
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    #[test]
    fn only_a_refused_token_stops_the_side() {
        let check = |status: u16, body: &'static str, has_token: bool, stops: bool| {
            let answer = Answer {
                status,
                headers: HeaderMap::new(),
                body: Bytes::from_static(body.as_bytes()),
            };
            let fault = Fault::of_answer(&answer, has_token);
            let is_stopped = matches!(fault, Fault::Stop(_));
            assert_eq!(is_stopped, stops, "{status} {body}: {fault:?}");
        };
        check(
            400,
            r#"{"message":"missing key in request header"}"#,
            false,
            true,
        );
        check(401, r#"{"message":"Unauthorized"}"#, true, true);
        check(400, "Bad Request", true, false);
        check(403, "", true, false);
        check(404, "", true, false);
        check(502, "", true, false);
    }
}
