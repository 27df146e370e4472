//! The way through a browser: a socket of our own inside a page of the right origin.
//!
//! It must never solve a challenge, never send this program's headers as the browser's, and never hide what the site was asked for.

use bytes::Bytes;
use towpath_browser::{BrowserSocket, OpenError, SocketRequest};
use towpath_diagnosis::Confidence;
use towpath_diagnosis::challenge::{CAUSE, Challenge};

use crate::channel;
use crate::head;
use crate::opened::{Carried, Opened, ResponseHead, Way};
use crate::opening::Opening;
use crate::refused::{Named, Refused, Why};
use crate::target::Target;

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
            Ok(socket) => Ok(opened(socket, &self.unsent())),
            Err(error) => Err(refused(error, &self.target)),
        }
    }

    /// Headers that the application wants sent and no script can send, in words; empty where there are none.
    fn unsent(&self) -> String {
        let headers = head::application(&self.inner.settings, &self.target, &self.request);
        let names = headers.into_iter().map(|header| header.name);
        let names: Vec<String> = names.filter(|name| !is_browsers(name)).collect();
        match names.as_slice() {
            [] => String::new(),
            names => format!(", without {}, which no page can send", names.join(", ")),
        }
    }
}

/// Whether a browser sends a header by itself, in its own words.
fn is_browsers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "cache-control" | "origin" | "pragma" | "user-agent"
    ) || name.starts_with("accept")
        || name.starts_with("sec-")
}

fn opened(socket: BrowserSocket, unsent: &str) -> Opened {
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
        why: format!("by browser{note}{unsent}"),
        response: ResponseHead {
            status: 101,
            headers,
        },
        carried: Carried::Channel(channel::of_browser(socket)),
    }
}

fn refused(error: OpenError, target: &Target) -> Refused {
    let (host, path) = (target.host.as_str(), target.path.as_str());
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
        OpenError::Challenge { answer, .. } => {
            let named = Named {
                cause: CAUSE.to_owned(),
                confidence: Confidence::Certain,
                remedy: Challenge::remedy(host, path),
            };
            let why = Why {
                sentence,
                finding: Some(Box::new(named)),
            };
            match answer {
                Some(answer) => Refused::Answer {
                    status: answer.status,
                    headers: answer.headers,
                    body: Bytes::new(),
                    why,
                },
                None => Refused::failed("the page is a challenge", why),
            }
        }
        _ => Refused::failed("nothing was opened in the browser", sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use towpath_browser::HandshakeAnswer;

    fn refused_at(error: OpenError) -> Refused {
        let url = "wss://a.example/chat".parse().unwrap();
        refused(error, &Target::of(&url).unwrap())
    }

    #[test]
    fn what_a_browser_sends_by_itself_is_not_missed() {
        for name in ["User-Agent", "Accept-Language", "Sec-Fetch-Mode", "Origin"] {
            assert!(is_browsers(name), "{name}");
        }
        for name in ["Cookie", "Authorization", "X-Room"] {
            assert!(!is_browsers(name), "{name}");
        }
    }

    #[test]
    fn a_refusal_keeps_its_status() {
        let answer = HandshakeAnswer {
            status: 403,
            headers: Vec::new(),
        };
        let note = "after a visit of https://a.example/".to_owned();
        let refused = refused_at(OpenError::Refused { answer, note });
        assert!(matches!(refused, Refused::Answer { status: 403, .. }));
        assert!(
            refused
                .to_string()
                .ends_with("after a visit of https://a.example/"),
            "{refused}"
        );
    }

    #[test]
    fn a_challenge_has_the_operators_remedy_and_the_refusal_behind_it() {
        let challenge = |answer| {
            refused_at(OpenError::Challenge {
                sentence: "The site asks.".to_owned(),
                remedy: String::new(),
                answer,
            })
        };
        let named = challenge(None);
        let named = named.why().finding.as_ref().expect("a finding");
        assert_eq!(named.cause, CAUSE);
        assert!(
            named.remedy.operator.contains("/chat"),
            "{}",
            named.remedy.operator
        );
        let answer = HandshakeAnswer {
            status: 403,
            headers: Vec::new(),
        };
        assert!(matches!(
            challenge(Some(answer)),
            Refused::Answer { status: 403, .. }
        ));
    }

    #[test]
    fn a_wait_that_is_over_says_so() {
        let limit = Duration::from_secs(30);
        let refused = refused_at(OpenError::TimedOut { limit });
        assert!(matches!(
            refused,
            Refused::Failed {
                timed_out: true,
                ..
            }
        ));
    }
}
