//! The sockets of one page, between their callers and the page's link.
//!
//! Knows records, not how they travel: a link takes what is [`Hub::take_outgoing`] and hands in what arrives. When
//! the link, the page or the browser ends, every socket is told at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;
use towpath_websocket::close::fit_reason;

use crate::carry::record::{Kind, Record, write};
use crate::carry::request::Over;
use crate::carry::socket::{
    Handle as SocketHandle, MESSAGE_COST_BYTES, Message, Opening, SocketState, WINDOW_BYTES,
};

/// The sockets of one page.
#[derive(Default)]
pub(crate) struct Hub {
    state: Mutex<State>,
    /// The link has taken what was queued.
    room: Notify,
}

#[derive(Default)]
struct State {
    sockets: HashMap<u32, Arc<SocketState>>,
    last_number: u32,
    /// Whole records that the link has not taken.
    outgoing: Vec<u8>,
    link: Option<Waker>,
    ended: Option<String>,
}

/// Why a page can hold no further socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSocket {
    Full,
    Ended(String),
}

impl Hub {
    /// Asks the page to open a socket. What becomes of it arrives on the returned channel.
    pub(crate) fn open(
        self: &Arc<Self>,
        url: &str,
        subprotocols: &[String],
        message_bytes_max: usize,
    ) -> Result<(Arc<SocketHandle>, oneshot::Receiver<Opening>), NoSocket> {
        let mut state = self.lock();
        if let Some(why) = &state.ended {
            return Err(NoSocket::Ended(why.clone()));
        }
        if state.sockets.len() >= SOCKETS_PER_PAGE_MAX {
            return Err(NoSocket::Full);
        }
        state.last_number += 1;
        let number = state.last_number;
        let (opening, opened) = oneshot::channel();
        let socket = Arc::new(SocketState::new(number, message_bytes_max, opening));
        state.sockets.insert(number, Arc::clone(&socket));
        let details = json!({ "url": url, "subprotocols": subprotocols, "max": message_bytes_max });
        state.queue(Kind::Open, number, details.to_string().as_bytes());
        drop(state);
        let handle = SocketHandle {
            hub: Arc::clone(self),
            state: socket,
        };
        Ok((Arc::new(handle), opened))
    }

    /// How many sockets are open or opening.
    pub(crate) fn sockets(&self) -> usize {
        self.lock().sockets.len()
    }

    /// Queues a message once there is room for it. Cancelling queues nothing.
    pub(super) async fn send(
        &self,
        socket: &SocketState,
        kind: Kind,
        payload: &Bytes,
    ) -> Result<(), Over> {
        loop {
            let link_room = self.room.notified();
            let room = socket.room.notified();
            tokio::pin!(link_room, room);
            link_room.as_mut().enable();
            room.as_mut().enable();
            {
                let mut state = self.lock();
                let mut inner = socket.lock();
                if inner.closing || inner.ended {
                    return Err(Over::Closed);
                }
                let has_room = state.outgoing.len() < LINK_QUEUE_BYTES_MAX;
                if inner.credit > 0 && has_room {
                    let cost = payload.len() + MESSAGE_COST_BYTES;
                    inner.credit -= i64::try_from(cost).unwrap_or(i64::MAX);
                    state.queue(kind, socket.number, payload);
                    return Ok(());
                }
            }
            tokio::select! {
                () = link_room => {}
                () = room => {}
            }
        }
    }

    /// Queues the close of a socket, once.
    pub(super) fn close(&self, socket: &SocketState, code: Option<u16>, reason: &str) {
        let mut state = self.lock();
        let mut inner = socket.lock();
        if inner.closing || inner.ended {
            return;
        }
        inner.closing = true;
        let code = code.map_or(0, code_that_scripts_may_send);
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(fit_reason(reason).as_bytes());
        state.queue(Kind::Close, socket.number, &payload);
        drop(inner);
        drop(state);
        socket.room.notify_waiters();
    }

    /// Lets the page send more.
    pub(super) fn grant(&self, number: u32, bytes: u32) {
        let mut state = self.lock();
        if state.sockets.contains_key(&number) {
            state.queue(Kind::Credit, number, &bytes.to_be_bytes());
        }
    }

    /// Nobody will look at this socket again. What was sent and the close behind it still have their time.
    pub(super) fn abandon(self: &Arc<Self>, socket: &SocketState) {
        let number = socket.number;
        let runtime = Handle::try_current();
        if let (true, Ok(runtime)) = (socket.lock().closing, runtime) {
            let hub = Arc::clone(self);
            if hub.lock().sockets.contains_key(&number) {
                runtime.spawn(async move {
                    sleep(CLOSE_PATIENCE).await;
                    hub.forget(number);
                });
            }
        } else {
            self.forget(number);
        }
    }

    fn forget(&self, number: u32) {
        let mut state = self.lock();
        if state.sockets.remove(&number).is_some() {
            state.queue(Kind::Abandon, number, &[]);
        }
    }

    /// What the link shall send, as one batch of whole records.
    pub(crate) fn take_outgoing(&self, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
        let mut state = self.lock();
        if state.outgoing.is_empty() {
            if !state
                .link
                .as_ref()
                .is_some_and(|link| link.will_wake(cx.waker()))
            {
                state.link = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        let batch = std::mem::take(&mut state.outgoing);
        drop(state);
        if batch.len() >= LINK_QUEUE_BYTES_MAX {
            self.room.notify_waiters();
        }
        Poll::Ready(batch)
    }

    /// Takes a record from the page. The error says what the page did that it may not do.
    pub(crate) fn arrived(&self, record: Record) -> Result<(), String> {
        let socket = self.lock().sockets.get(&record.socket).map(Arc::clone);
        let Some(socket) = socket else {
            // It was abandoned while this was on its way.
            return Ok(());
        };
        let mut payload = record.payload;
        match record.kind {
            Kind::Text | Kind::Binary => {
                let message = match record.kind {
                    Kind::Text if std::str::from_utf8(&payload).is_err() => {
                        return Err("it sent a text message that is no text".to_owned());
                    }
                    Kind::Text => Message::Text(payload),
                    _ => Message::Binary(payload),
                };
                if !socket.receive(message) {
                    return Err(format!("it sent more than {WINDOW_BYTES} bytes ahead"));
                }
            }
            Kind::Credit if payload.len() == 4 => {
                socket.lock().credit += i64::from(payload.get_u32());
                socket.room.notify_waiters();
            }
            Kind::Opened => {
                let details: Value = serde_json::from_slice(&payload).unwrap_or_default();
                let subprotocol = details["subprotocol"].as_str().unwrap_or_default();
                if let Some(opening) = socket.lock().opening.take() {
                    let _ = opening.send(Opening::Opened {
                        subprotocol: subprotocol.to_owned(),
                    });
                }
            }
            Kind::Closed if payload.len() >= 3 => {
                let manner = payload.get_u8();
                let code = payload.get_u16();
                let reason = String::from_utf8_lossy(&payload).into_owned();
                self.lock().sockets.remove(&record.socket);
                match manner {
                    2 => socket.end(code, String::new(), false, Some(reason)),
                    _ => socket.end(code, reason, manner == 1, None),
                }
            }
            _ => return Err("it sent a record that pages do not send".to_owned()),
        }
        Ok(())
    }

    /// The page, its link or the browser is gone: tells every socket, and refuses new ones.
    pub(crate) fn end(&self, why: &str) {
        let sockets = {
            let mut state = self.lock();
            if state.ended.is_some() {
                return;
            }
            state.ended = Some(why.to_owned());
            state.outgoing = Vec::new();
            if let Some(link) = state.link.take() {
                link.wake();
            }
            std::mem::take(&mut state.sockets)
        };
        for socket in sockets.into_values() {
            socket.end(ABNORMAL_CODE, String::new(), false, Some(why.to_owned()));
        }
        self.room.notify_waiters();
    }

    /// Why it ended, if it did.
    pub(crate) fn ended(&self) -> Option<String> {
        self.lock().ended.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn queue(&mut self, kind: Kind, socket: u32, payload: &[u8]) {
        if self.ended.is_some() {
            return;
        }
        write(&mut self.outgoing, kind, socket, payload);
        if let Some(link) = self.link.take() {
            link.wake();
        }
    }
}

/// Scripts may close with these only; the others are for endpoints to use.
fn code_that_scripts_may_send(code: u16) -> u16 {
    if code == NORMAL_CODE || (3000..=4999).contains(&code) {
        code
    } else {
        NORMAL_CODE
    }
}

/// Chromium allows 255 to one host; some are left for the site's own page.
pub(crate) const SOCKETS_PER_PAGE_MAX: usize = 200;
/// Bytes queued for a page above which senders wait, whatever their own credit.
const LINK_QUEUE_BYTES_MAX: usize = 4 << 20;
/// Longest wait for a close that nobody waits for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);
const NORMAL_CODE: u16 = 1000;
const ABNORMAL_CODE: u16 = 1006;

#[cfg(test)]
mod tests;
