//! The way through a browser: a socket of our own inside a page of the right origin.
//!
//! It must never solve a challenge, never send this program's headers as the browser's, and never hide what the site was asked for.

use bytes::Bytes;
use towpath_browser::{BrowserSocket, OpenError, SocketRequest};
use towpath_diagnosis::{Confidence, catalogue};

use crate::channel;
use crate::opened::{Carried, Opened, ResponseHead, Way};
use crate::opening::Opening;
use crate::refused::{Named, Refused, Why};

/// The cause behind a page that wants proof of a human.
const CHALLENGE: &str = "http-403-cdn-challenge";

impl Opening {
    /// Opens in the browser, which is started where none runs.
    pub(crate) async fn browser(&self) -> Result<Opened, Refused> {
        let settings = &self.inner.settings;
        let token_page = settings.token.as_ref().map(|token| token.page().to_owned());
        let request = SocketRequest {
            subprotocols: self.request.subprotocols.clone(),
            origin: settings.origin.clone(),
            page: settings.page.clone().or(token_page),
            account: settings.account.clone(),
            message_bytes_max: settings.message_bytes_max,
            ..SocketRequest::new(self.request.url.as_str())
        };
        match self.inner.keeper.open(request).await {
            Ok(socket) => Ok(opened(socket)),
            Err(error) => Err(refused(error)),
        }
    }
}

fn opened(socket: BrowserSocket) -> Opened {
    let mut headers = socket.answer.headers.clone();
    let names_protocol =
        |(name, _): &(String, String)| name.eq_ignore_ascii_case("sec-websocket-protocol");
    if !socket.subprotocol.is_empty() && !headers.iter().any(names_protocol) {
        headers.push((
            "Sec-WebSocket-Protocol".to_owned(),
            socket.subprotocol.clone(),
        ));
    }
    let note = match socket.note.as_str() {
        "" => String::new(),
        note => format!(", {note}"),
    };
    Opened {
        way: Way::Browser,
        why: format!("by browser{note}"),
        response: ResponseHead {
            status: 101,
            headers,
        },
        carried: Carried::Channel(channel::of_browser(socket)),
    }
}

fn refused(error: OpenError) -> Refused {
    let sentence = error.to_string();
    match error {
        OpenError::Refused { answer, note } => {
            let note = match note.as_str() {
                "" => String::new(),
                note => format!(", {note}"),
            };
            Refused::Answer {
                status: answer.status,
                headers: answer.headers,
                body: Bytes::new(),
                why: format!("{sentence}{note}").into(),
            }
        }
        OpenError::TimedOut { .. } => Refused::Failed {
            what: "no answer in the browser".to_owned(),
            why: sentence.into(),
            timed_out: true,
        },
        OpenError::Challenge { .. } => {
            let remedy = catalogue::find(CHALLENGE).map(|cause| cause.remedy.clone());
            let named = |remedy| {
                Box::new(Named {
                    cause: CHALLENGE.to_owned(),
                    confidence: Confidence::Certain,
                    remedy,
                })
            };
            let why = Why {
                sentence,
                finding: remedy.map(named),
            };
            Refused::failed("the site wants proof of a human", why)
        }
        _ => Refused::failed("nothing was opened in the browser", sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use towpath_browser::HandshakeAnswer;

    #[test]
    fn a_refusal_keeps_its_status() {
        let answer = HandshakeAnswer {
            status: 403,
            headers: Vec::new(),
        };
        let note = "after a visit of https://a.example/".to_owned();
        let refused = refused(OpenError::Refused { answer, note });
        assert!(matches!(refused, Refused::Answer { status: 403, .. }));
        assert!(
            refused
                .to_string()
                .ends_with("after a visit of https://a.example/"),
            "{refused}"
        );
    }

    #[test]
    fn a_challenge_has_the_operators_remedy() {
        let refused = refused(OpenError::Challenge {
            sentence: "The site asks.".to_owned(),
            remedy: String::new(),
        });
        let named = refused.why().finding.as_ref().expect("a finding");
        assert_eq!(named.cause, CHALLENGE);
        assert!(!named.remedy.operator.is_empty());
    }

    #[test]
    fn a_wait_that_is_over_says_so() {
        let limit = Duration::from_secs(30);
        let refused = refused(OpenError::TimedOut { limit });
        assert!(matches!(
            refused,
            Refused::Failed {
                timed_out: true,
                ..
            }
        ));
    }
}
