//! One page that holds sockets: its tab, its link and what is between them.
//!
//! When the tab or the browser ends, its sockets are told at once. It opens sockets and decides nothing about another
//! try.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::carry::answers::{Answer, Answers, failure};
use crate::carry::debugged;
use crate::carry::hub::{Hub, NoSocket, SOCKETS_PER_PAGE_MAX};
use crate::carry::line;
use crate::carry::link::LinkServer;
use crate::carry::request::{HandshakeAnswer, OpenError, SocketRequest};
use crate::carry::socket::{BrowserSocket, MESSAGE_COST_BYTES, Opening, WINDOW_BYTES};
use crate::debugger::Debugger;
use crate::error::BrowserError;
use crate::tab::{Tab, TabRequest};

/// A page of ours. Dropping it closes it, and its sockets with it.
pub(crate) struct SocketPage {
    debugger: Debugger,
    session: String,
    hub: Arc<Hub>,
    answers: Answers,
    openings: Semaphore,
    /// The link and the watch over the tab.
    _tasks: JoinSet<()>,
}

impl SocketPage {
    /// Opens the page and its link: a WebSocket to us, or the debugging protocol where that does not come about.
    pub(crate) async fn open(
        debugger: &Debugger,
        server: &LinkServer,
        request: TabRequest,
    ) -> Result<Self, BrowserError> {
        let tab = Tab::open(debugger, request).await?;
        let session = tab.session.clone();
        let answers = Answers::of(debugger, &session);
        let hub = Arc::new(Hub::default());
        let mut tasks = JoinSet::new();
        let page = |tasks| Self {
            debugger: debugger.clone(),
            session: session.clone(),
            hub: Arc::clone(&hub),
            answers,
            openings: Semaphore::new(OPENINGS_MAX),
            _tasks: tasks,
        };
        if debugger.is_guest() {
            // To dial back it would need a permission, which the person's own pages of this origin would get as well.
            let link = debugged::begin(debugger, &session).await?;
            tasks.spawn(live(tab, link.carry(Arc::clone(&hub)), Arc::clone(&hub)));
            return Ok(page(tasks));
        }
        let invitation = server.invite(&tab.origin);
        let options = json!({ "address": format!("ws://127.0.0.1:{}/", server.port()), "token": invitation.token });
        let dialled = run_script(debugger, &session, options, LINK_PATIENCE).await;
        let link = timeout(HAND_OVER_PATIENCE, invitation.link).await;
        match (dialled, link) {
            (Ok(()), Ok(Ok(link))) => {
                tasks.spawn(live(
                    tab,
                    line::carry(link, Arc::clone(&hub)),
                    Arc::clone(&hub),
                ));
            }
            (Err(error @ BrowserError::Ended { .. }), _) => return Err(error),
            (dialled, _) => {
                let reason = dialled
                    .err()
                    .map_or_else(|| "no proof".to_owned(), |error| error.to_string());
                tracing::debug!(%reason, "a page cannot dial back; it is linked by the debugging protocol");
                let link = debugged::begin(debugger, &session).await?;
                let carried = link.carry(Arc::clone(&hub));
                tasks.spawn(live(tab, carried, Arc::clone(&hub)));
            }
        }
        Ok(page(tasks))
    }

    /// How many sockets are open or opening.
    pub(crate) fn sockets(&self) -> usize {
        self.hub.sockets()
    }

    /// Whether it can hold sockets still.
    pub(crate) fn is_there(&self) -> bool {
        self.hub.ended().is_none()
    }

    /// Opens a socket. The caller bounds the time; cancelling gives the socket up.
    pub(crate) async fn socket(
        &self,
        request: &SocketRequest,
        note: &str,
    ) -> Result<BrowserSocket, OpenError> {
        let turn = self.openings.acquire().await.ok();
        let mut watch = self.answers.watch(&self.debugger, &self.session).await?;
        let opened = self.hub.open(
            &request.url,
            &request.subprotocols,
            request.message_bytes_max.min(line::RECORD_BYTES_MAX),
        );
        let (handle, opening) = opened.map_err(no_socket)?;
        watch.is_for(handle.state.number);
        match outlasting(opening, turn).await {
            Ok(Opening::Opened { subprotocol }) => {
                let answer = match watch.answer().await {
                    Some(Answer::Accepted(answer)) => answer,
                    _ => answer_known_to_scripts(&subprotocol),
                };
                Ok(BrowserSocket {
                    handle,
                    answer,
                    subprotocol,
                    note: note.to_owned(),
                })
            }
            Ok(Opening::Failed { reason }) => Err(match watch.answer().await {
                Some(Answer::Failed(words)) => failure(&words, note),
                _ => OpenError::Failed { reason },
            }),
            Ok(Opening::Lost { why }) => Err(BrowserError::ended(why).into()),
            Err(_) => Err(BrowserError::ended("the page was closed").into()),
        }
    }
}

impl Drop for SocketPage {
    fn drop(&mut self) {
        // Whoever has a socket of it still is told, and does not wait for ever.
        self.hub.end("the browser's page was closed");
    }
}

/// Waits for an opening, and gives its turn to another one if it hangs.
async fn outlasting(
    mut opening: oneshot::Receiver<Opening>,
    turn: Option<SemaphorePermit<'_>>,
) -> Result<Opening, oneshot::error::RecvError> {
    if let Ok(outcome) = timeout(TURN_TIME_MAX, &mut opening).await {
        return outcome;
    }
    drop(turn);
    opening.await
}

/// Carries until the page or its link ends, and tells the page's sockets why.
async fn live(tab: Tab, carried: impl Future<Output = String>, hub: Arc<Hub>) {
    let gone = tab.gone();
    tokio::pin!(gone);
    let why = tokio::select! {
        gone = &mut gone => gone.to_string(),
        // Where a page or browser crashed, its link breaks a moment before the browser says so.
        why = carried => match timeout(REASON_PATIENCE, gone).await {
            Ok(gone) => gone.to_string(),
            Err(_) => why,
        },
    };
    hub.end(&why);
}

/// Runs `link.js` with these options and waits until its link is open.
pub(super) async fn run_script(
    debugger: &Debugger,
    session: &str,
    mut options: serde_json::Value,
    limit: Duration,
) -> Result<(), BrowserError> {
    options["windowBytes"] = WINDOW_BYTES.into();
    options["messageCost"] = MESSAGE_COST_BYTES.into();
    options["batchBytes"] = BATCH_BYTES.into();
    let expression = format!("{SCRIPT}({options})\n//# sourceURL={SCRIPT_NAME}");
    let evaluate = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
    let outcome = debugger
        .call(Some(session), "Runtime.evaluate", evaluate, limit)
        .await?;
    match outcome["exceptionDetails"]["exception"]["description"].as_str() {
        None => Ok(()),
        Some(words) => {
            let reason = words.lines().next().unwrap_or_default();
            Err(BrowserError::protocol("linking a page", reason))
        }
    }
}

fn no_socket(why: NoSocket) -> OpenError {
    match why {
        NoSocket::Full => OpenError::Limit {
            what: format!(
                "its page holds {SOCKETS_PER_PAGE_MAX} of at most {SOCKETS_PER_PAGE_MAX} sockets"
            ),
        },
        NoSocket::Ended(why) => BrowserError::ended(why).into(),
    }
}

/// Where the debugging protocol did not tell: what a script sees of the answer.
fn answer_known_to_scripts(subprotocol: &str) -> HandshakeAnswer {
    let mut headers = Vec::new();
    if !subprotocol.is_empty() {
        headers.push(("Sec-WebSocket-Protocol".to_owned(), subprotocol.to_owned()));
    }
    HandshakeAnswer {
        status: 101,
        headers,
    }
}

const SCRIPT: &str = include_str!("link.js").trim_ascii_end();
const SCRIPT_NAME: &str = "towpath-link.js";
/// A page sends a batch before its turn is over once it has this many bytes.
const BATCH_BYTES: u32 = 64 * 1024;
/// Handshakes of one page under way. From about a dozen on Chromium delays each further one by up to five seconds, and
/// more than these are no faster: it dials an address one by one.
const OPENINGS_MAX: usize = 4;
/// A handshake that takes longer is not counted any more.
const TURN_TIME_MAX: Duration = Duration::from_secs(2);
const LINK_PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait for a better reason than that the link broke.
const REASON_PATIENCE: Duration = Duration::from_millis(300);
/// The proof follows the handshake by less than this.
const HAND_OVER_PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_handshake_keeps_its_turn_until_it_ends_or_hangs() {
        let openings = Semaphore::new(1);
        for hangs in [false, true] {
            let (done, opening) = oneshot::channel();
            let turn = openings.acquire().await.ok();
            let next = async {
                let early = timeout(TURN_TIME_MAX / 2, openings.acquire()).await;
                assert!(early.is_err(), "two at once");
                if hangs {
                    let late = timeout(TURN_TIME_MAX, openings.acquire()).await;
                    assert!(late.is_ok(), "one that hangs holds up the next");
                }
                let subprotocol = String::new();
                assert!(done.send(Opening::Opened { subprotocol }).is_ok());
            };
            let (outcome, ()) = tokio::join!(outlasting(opening, turn), next);
            assert!(matches!(outcome, Ok(Opening::Opened { .. })));
            assert_eq!(openings.available_permits(), 1, "{hangs}");
        }
    }
}
