//! How servers answered the handshakes of a page's sockets, which no script can see.
//!
//! The browser tells it over the debugging protocol, but together with every frame of every socket of the page. So it
//! is asked to tell only while a handshake is under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::carry::request::{HandshakeAnswer, OpenError};
use crate::debugger::{Debugger, Events};
use crate::error::BrowserError;
use crate::headers::{from_object, from_text};
use crate::protocol::Event;
use crate::tab::CALL_TIMEOUT;

/// What became of a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 101.
    Accepted(HandshakeAnswer),
    /// The browser's words.
    Failed(String),
}

/// Watches the handshakes of one page.
#[derive(Debug)]
pub(crate) struct Answers {
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    handshakes: usize,
    /// The browser's name of a socket, and our number of it.
    numbers: HashMap<String, u32>,
    answers: HashMap<u32, Answer>,
}

/// While it lives, the browser tells of handshakes.
pub(crate) struct Watch<'a> {
    answers: &'a Answers,
    debugger: &'a Debugger,
    session: &'a str,
    number: Option<u32>,
}

impl Answers {
    /// Listens to the page's session.
    pub(crate) fn of(debugger: &Debugger, session: &str) -> Self {
        let shared = Arc::new(Shared::default());
        let events = debugger.events(session, HEARD);
        let task = tokio::spawn(listen(events, Arc::clone(&shared)));
        Self {
            shared,
            task: task.abort_handle(),
        }
    }

    /// Begins to watch; returns when the browser is ready for a handshake.
    pub(crate) async fn watch<'a>(
        &'a self,
        debugger: &'a Debugger,
        session: &'a str,
    ) -> Result<Watch<'a>, BrowserError> {
        self.shared.lock().handshakes += 1;
        let watch = Watch {
            answers: self,
            debugger,
            session,
            number: None,
        };
        // Nothing shall be kept of what passes.
        let nothing = json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0 });
        debugger
            .call(Some(session), "Network.enable", nothing, CALL_TIMEOUT)
            .await?;
        Ok(watch)
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch<'_> {
    /// Names the socket whose handshake this is.
    pub(crate) fn is_for(&mut self, number: u32) {
        self.number = Some(number);
    }

    /// The answer, which the debugging protocol may tell a moment after the page knew that there is one.
    pub(crate) async fn answer(&self) -> Option<Answer> {
        let number = self.number?;
        let wait = async {
            loop {
                let news = self.answers.shared.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if let Some(answer) = self.answers.shared.lock().answers.remove(&number) {
                    return answer;
                }
                news.await;
            }
        };
        timeout(ANSWER_PATIENCE, wait).await.ok()
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let mut state = self.answers.shared.lock();
        if let Some(number) = self.number {
            state.answers.remove(&number);
            state.numbers.retain(|_, known| *known != number);
        }
        state.handshakes -= 1;
        if state.handshakes == 0 {
            // Of handshakes that were given up the browser may have told afterwards.
            state.numbers.clear();
            state.answers.clear();
            // Under the lock, so that it is queued before whoever comes next asks for the opposite.
            if !self.debugger.notify(Some(self.session), DISABLE, json!({})) {
                let (debugger, session) = (self.debugger.clone(), self.session.to_owned());
                tokio::spawn(async move {
                    // Failing means that the page is gone.
                    let _ = debugger
                        .call(Some(&session), DISABLE, json!({}), CALL_TIMEOUT)
                        .await;
                });
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(mut events: Events, shared: Arc<Shared>) {
    while let Ok(event) = events.next().await {
        if shared.lock().observe(&event) {
            shared.news.notify_waiters();
        }
    }
}

impl State {
    /// Whether there is an answer more.
    fn observe(&mut self, event: &Event) -> bool {
        let params = &event.params;
        let name = params["requestId"].as_str().unwrap_or_default();
        if event.method == "Network.webSocketCreated" {
            if self.numbers.len() < HANDSHAKES_MAX
                && let Some(number) = number_in(&params["initiator"])
            {
                self.numbers.insert(name.to_owned(), number);
            }
            return false;
        }
        let Some(&number) = self.numbers.get(name) else {
            return false;
        };
        let answer = match event.method.as_str() {
            "Network.webSocketHandshakeResponseReceived" => accepted(&params["response"]),
            "Network.webSocketFrameError" => {
                Answer::Failed(params["errorMessage"].as_str().unwrap_or_default().into())
            }
            _ => return false,
        };
        self.answers.entry(number).or_insert(answer);
        true
    }
}

/// `link.js` opens each socket in a function of its own name.
fn number_in(initiator: &Value) -> Option<u32> {
    let frames = initiator["stack"]["callFrames"].as_array()?;
    let mut names = frames
        .iter()
        .filter_map(|frame| frame["functionName"].as_str()?.rsplit('.').next());
    names.find_map(|name| name.strip_prefix(NAME_PREFIX)?.parse().ok())
}

fn accepted(response: &Value) -> Answer {
    let status = response["status"]
        .as_u64()
        .and_then(|code| code.try_into().ok());
    let headers = response["headersText"].as_str().map(from_text);
    Answer::Accepted(HandshakeAnswer {
        status: status.unwrap_or_default(),
        headers: headers.unwrap_or_else(|| from_object(&response["headers"])),
    })
}

/// What the browser's words for a failed handshake mean.
pub(crate) fn failure(words: &str, note: &str) -> OpenError {
    let reason = words.strip_prefix(WORDS_PREFIX).unwrap_or(words);
    let status = match reason.strip_prefix(STATUS_PREFIX) {
        Some(code) => code.trim().parse().ok(),
        // The only status that the browser puts into other words.
        None => reason.starts_with(UNAUTHORIZED_PREFIX).then_some(401),
    };
    match status {
        Some(status) => OpenError::Refused {
            answer: HandshakeAnswer {
                status,
                headers: Vec::new(),
            },
            note: note.to_owned(),
        },
        None => OpenError::Failed {
            reason: reason.trim_end_matches('.').to_owned(),
        },
    }
}

const HEARD: &[&str] = &[
    "Network.webSocketCreated",
    "Network.webSocketHandshakeResponseReceived",
    "Network.webSocketFrameError",
];
const NAME_PREFIX: &str = "towpath";
const WORDS_PREFIX: &str = "Error during WebSocket handshake: ";
const STATUS_PREFIX: &str = "Unexpected response code: ";
const UNAUTHORIZED_PREFIX: &str = "HTTP Authentication failed";
const DISABLE: &str = "Network.disable";
/// Longest wait for the debugging protocol once the page knows the outcome.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);
/// Handshakes under way that are told apart.
const HANDSHAKES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_recognised_by_the_function_that_opened_it() {
        let frames = |names: &[&str]| {
            let frames: Vec<Value> = names
                .iter()
                .map(|name| json!({ "functionName": name }))
                .collect();
            number_in(&json!({ "type": "script", "stack": { "callFrames": frames } }))
        };
        assert_eq!(frames(&["towpath17", "open"]), Some(17));
        assert_eq!(frames(&["Object.towpath3"]), Some(3));
        assert_eq!(frames(&["towpathUp", "", "take"]), None);
        assert_eq!(number_in(&json!({ "type": "other" })), None);
    }

    #[test]
    fn words_for_a_refusal_give_its_status() {
        let status = |words: &str| match failure(words, "") {
            OpenError::Refused { answer, .. } => Some(answer.status),
            _ => None,
        };
        let prefixed = |words: &str| status(&format!("{WORDS_PREFIX}{words}"));
        assert_eq!(prefixed("Unexpected response code: 403"), Some(403));
        assert_eq!(
            status("HTTP Authentication failed; no valid credentials available"),
            Some(401)
        );
        assert_eq!(prefixed("net::ERR_CONNECTION_RESET"), None);
        assert_eq!(status(""), None);
        let reason = failure(&format!("{WORDS_PREFIX}net::ERR_CONNECTION_RESET"), "").to_string();
        assert!(reason.ends_with(": net::ERR_CONNECTION_RESET"), "{reason}");
    }

    #[test]
    fn the_first_answer_counts_and_strangers_have_none() {
        let event = |method: &str, params: Value| Event {
            session: None,
            method: method.to_owned(),
            params,
        };
        let mut state = State::default();
        let frames = json!([{ "functionName": "towpath5" }]);
        state.observe(&event(
            "Network.webSocketCreated",
            json!({ "requestId": "a", "initiator": { "stack": { "callFrames": frames } } }),
        ));
        let accept = |name: &str| {
            let response = json!({ "status": 101, "headers": { "X": "y" } });
            event(
                "Network.webSocketHandshakeResponseReceived",
                json!({ "requestId": name, "response": response }),
            )
        };
        assert!(!state.observe(&accept("the link itself")));
        assert!(state.observe(&accept("a")));
        state.observe(&event(
            "Network.webSocketFrameError",
            json!({ "requestId": "a", "errorMessage": "later" }),
        ));
        let answer = HandshakeAnswer {
            status: 101,
            headers: vec![("X".to_owned(), "y".to_owned())],
        };
        assert_eq!(state.answers.get(&5), Some(&Answer::Accepted(answer)));
    }

    #[tokio::test]
    async fn a_handshake_that_was_given_up_leaves_no_name_behind() {
        let (near, _far) = tokio::io::duplex(1024);
        let (reader, writer) = tokio::io::split(near);
        let connection = crate::protocol::Connection::new(Box::new(reader), Box::new(writer));
        let debugger = Debugger::new(connection);
        let answers = Answers::of(&debugger, "S");
        let watch = |number| {
            answers.shared.lock().handshakes += 1;
            Watch {
                answers: &answers,
                debugger: &debugger,
                session: "S",
                number: Some(number),
            }
        };
        let (given_up, lasting) = (watch(1), watch(2));
        drop(given_up);
        // The browser tells of it when nobody asks any more.
        let frames = json!([{ "functionName": "towpath1" }]);
        answers.shared.lock().observe(&Event {
            session: None,
            method: "Network.webSocketCreated".to_owned(),
            params: json!({ "requestId": "a", "initiator": { "stack": { "callFrames": frames } } }),
        });
        drop(lasting);
        assert!(answers.shared.lock().numbers.is_empty());
    }
}
