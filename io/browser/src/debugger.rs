//! One debugging connection for many callers at once.
//!
//! Calls find their replies by number, events their listeners by session. Two tasks own the connection, one for each
//! direction, so that neither side ever waits for the other to make room. Whoever waits is told at once when the
//! browser or the page concerned ends. Decides nothing and must never interpret what it passes on, but for the end of a
//! session.

mod events;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::error::BrowserError;
use crate::protocol::{Connection, Event, Incoming, Reply, encode_call};

use self::events::Listener;
pub(crate) use self::events::{Events, EventsEnd};

/// A handle on the connection; cheap to clone. The connection is closed when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Debugger {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    calls: mpsc::Sender<Vec<u8>>,
    tell_end: watch::Sender<Option<String>>,
    is_guest: bool,
    /// Nothing is ever sent; the reading task sees when the last handle is gone.
    _handles: oneshot::Sender<()>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    pending: HashMap<u64, Pending>,
    /// By session; the browser's own events are under the empty name.
    listeners: HashMap<String, Vec<Listener>>,
    /// Set once, when the connection is of no more use.
    ended: Option<String>,
}

struct Pending {
    session: Option<String>,
    reply: oneshot::Sender<Result<Value, Failure>>,
}

/// Why a call has no result.
enum Failure {
    /// The browser's words.
    Refused(String),
    /// The page or the browser is gone.
    Ended(String),
}

impl Debugger {
    /// Takes the connection over. Needs a tokio runtime, in which its two tasks live until the browser ends or the
    /// last handle is dropped.
    pub(crate) fn new(connection: Connection) -> Self {
        let is_guest = connection.is_guest;
        let (reader, writer) = connection.into_ends();
        let (calls, queue) = mpsc::channel(CALLS_QUEUED_MAX);
        let (tell_end, ended) = watch::channel(None);
        let (handles, no_handles) = oneshot::channel();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            calls,
            tell_end,
            is_guest,
            _handles: handles,
        });
        let weak = Arc::downgrade(&shared);
        tokio::spawn(tasks::write_calls(
            queue,
            writer,
            weak.clone(),
            ended.clone(),
        ));
        tokio::spawn(tasks::read_answers(reader, weak, ended, no_handles));
        Self { shared }
    }

    /// Whether the browser is somebody's own, so that nothing outside our pages may be changed.
    pub(crate) fn is_guest(&self) -> bool {
        self.shared.is_guest
    }

    /// Calls and waits for the result, at most `limit`. Without a session the browser itself is meant.
    ///
    /// An error reply is [`BrowserError::Protocol`] in the browser's words, the end of the page or the browser is
    /// [`BrowserError::Ended`] at once. Cancelling is safe; the call itself may still be carried out.
    pub(crate) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        let (reply, answer) = oneshot::channel();
        let id = self.shared.enter(session, reply)?;
        let _leave = Leave {
            shared: &self.shared,
            id,
        };
        let message = encode_call(id, session, method, params);
        let exchange = async {
            // A closed queue means that the connection ended, which the answer tells.
            let _ = self.shared.calls.send(message).await;
            answer.await
        };
        match timeout(limit, exchange).await {
            Ok(Ok(Ok(result))) => Ok(result),
            Ok(Ok(Err(Failure::Refused(reason)))) => Err(BrowserError::protocol(method, reason)),
            Ok(Ok(Err(Failure::Ended(reason)))) => Err(BrowserError::ended(reason)),
            Ok(Err(_)) => Err(BrowserError::ended(self.shared.reason())),
            Err(_) => Err(BrowserError::Timeout {
                what: method.to_owned(),
                limit,
            }),
        }
    }

    /// Sends a call whose outcome nobody waits for, in order with the others. For clean-up, also from `Drop`: where
    /// the queue is full it is dropped, and `false` says so.
    pub(crate) fn notify(&self, session: Option<&str>, method: &str, params: Value) -> bool {
        let id = self.shared.state().next_id();
        let message = encode_call(id, session, method, params);
        self.shared.calls.try_send(message).is_ok()
    }

    /// Events of one session from now on whose method starts with one of `prefixes`; all, where there are none.
    pub(crate) fn events(&self, session: &str, prefixes: &'static [&'static str]) -> Events {
        let (listener, events) = events::pair(prefixes);
        let mut state = self.shared.state();
        // After the end the listener is dropped, so that its events end at once.
        if state.ended.is_none() {
            let listeners = state.listeners.entry(session.to_owned()).or_default();
            listeners.retain(Listener::is_heard);
            listeners.push(listener);
        }
        events
    }

    /// Waits until the browser has ended and tells why.
    pub(crate) async fn ended(&self) -> BrowserError {
        let mut ended = self.shared.tell_end.subscribe();
        // It cannot fail while this handle holds the sender.
        let _ = ended.wait_for(Option::is_some).await;
        BrowserError::ended(self.shared.reason())
    }

    /// Ends the connection for everyone, with a reason that they are told. The first one stays.
    pub(crate) fn end(&self, reason: &str) {
        self.shared.end(reason);
    }

    /// Whether the browser has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.shared.state().ended.is_some()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds this lock")
    }

    fn enter(
        &self,
        session: Option<&str>,
        reply: oneshot::Sender<Result<Value, Failure>>,
    ) -> Result<u64, BrowserError> {
        let mut state = self.state();
        if let Some(reason) = &state.ended {
            return Err(BrowserError::ended(reason.clone()));
        }
        let id = state.next_id();
        let session = session.map(str::to_owned);
        state.pending.insert(id, Pending { session, reply });
        Ok(id)
    }

    fn reason(&self) -> String {
        let reason = self.state().ended.clone();
        reason.unwrap_or_else(|| BROWSER_ENDED.to_owned())
    }

    fn take_in(&self, incoming: Incoming) {
        let mut state = self.state();
        match incoming {
            Incoming::Reply(Reply { id, outcome }) => {
                if let Some(pending) = state.pending.remove(&id) {
                    let _ = pending.reply.send(outcome.map_err(Failure::Refused));
                }
            }
            Incoming::Event(event) => state.announce(event),
        }
    }

    fn end(&self, reason: &str) {
        let mut state = self.state();
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(reason.to_owned());
        state.pending.clear();
        state.listeners.clear();
        self.tell_end.send_replace(Some(reason.to_owned()));
    }
}

impl State {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn announce(&mut self, event: Event) {
        let over = match event.method.as_str() {
            "Target.detachedFromTarget" => event.params["sessionId"]
                .as_str()
                .map(|session| (session.to_owned(), PAGE_CLOSED)),
            "Inspector.targetCrashed" => {
                event.session.clone().map(|session| (session, PAGE_CRASHED))
            }
            _ => None,
        };
        let name = event.session.clone().unwrap_or_default();
        if let Some(listeners) = self.listeners.get_mut(&name) {
            let event = Arc::new(event);
            listeners.retain_mut(|listener| listener.hear(&event));
            if listeners.is_empty() {
                self.listeners.remove(&name);
            }
        }
        if let Some((session, reason)) = over {
            self.end_session(&session, reason);
        }
    }

    /// A page that is gone answers nothing any more.
    fn end_session(&mut self, session: &str, reason: &str) {
        self.listeners.remove(session);
        let gone = |_: &u64, pending: &mut Pending| pending.session.as_deref() == Some(session);
        for (_, pending) in self.pending.extract_if(gone) {
            let _ = pending.reply.send(Err(Failure::Ended(reason.to_owned())));
        }
    }
}

/// Forgets a call that nobody waits for any more.
struct Leave<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.shared.state().pending.remove(&self.id);
    }
}

/// Calls that wait to be written; more callers wait their turn.
const CALLS_QUEUED_MAX: usize = 256;
const BROWSER_ENDED: &str = "the browser ended";
const PAGE_CRASHED: &str = "the page crashed";
const PAGE_CLOSED: &str = "the page was closed";
