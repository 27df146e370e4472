//! One socket of a page, as its caller sees it: a sender and a receiver of whole messages.
//!
//! Must never hold more than its window and one message in either direction: a slow reader stops its own socket in
//! the page, and the page stops the server.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use crate::carry::hub::Hub;
use crate::carry::record::Kind;
use crate::carry::request::{HandshakeAnswer, Over};

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(Bytes),
    /// Any bytes.
    Binary(Bytes),
}

impl Message {
    /// Its size in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(payload) | Self::Binary(payload) => payload.len(),
        }
    }

    /// Whether it has no content, which is still a message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What happens on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// A whole message.
    Message(Message),
    /// The end; nothing comes after it.
    Closed {
        /// The code as the browser tells it: 1005 where the close frame had none, 1006 where none came.
        code: u16,
        /// The reason from the close frame.
        reason: String,
        /// Whether both sides sent a close frame.
        clean: bool,
        /// Set where not the remote but this end of the carriage ended it: a sentence that says why.
        lost: Option<String>,
    },
}

/// An open socket. Dropping both halves closes it.
#[derive(Debug)]
pub struct BrowserSocket {
    pub(super) handle: Arc<Handle>,
    /// The answer to its handshake.
    pub answer: HandshakeAnswer,
    /// The subprotocol the server chose; empty for none.
    pub subprotocol: String,
    /// What had to be done before it opened, for example a visit of the site's page; empty where nothing had.
    pub note: String,
}

impl BrowserSocket {
    /// The two directions, which are independent of each other.
    pub fn split(self) -> (BrowserSender, BrowserReceiver) {
        let receiver = BrowserReceiver {
            handle: Arc::clone(&self.handle),
        };
        (
            BrowserSender {
                handle: self.handle,
            },
            receiver,
        )
    }
}

/// Sends on a socket.
#[derive(Debug)]
pub struct BrowserSender {
    handle: Arc<Handle>,
}

impl BrowserSender {
    /// Sends a message, waiting while the remote does not take what was sent before. Cancelling sends nothing.
    ///
    /// That it returns says that there was room, not that the remote has the message.
    pub async fn send(&self, message: Message) -> Result<(), Over> {
        let max = self.handle.state.message_bytes_max;
        if message.len() > max {
            return Err(Over::TooBig {
                bytes: message.len(),
                max,
            });
        }
        let (kind, payload) = match &message {
            Message::Text(text) if std::str::from_utf8(text).is_err() => return Err(Over::NotText),
            Message::Text(text) => (Kind::Text, text),
            Message::Binary(bytes) => (Kind::Binary, bytes),
        };
        self.handle
            .hub
            .send(&self.handle.state, kind, payload)
            .await
    }

    /// Begins to close, behind everything that was sent. What the remote sends from now on is dropped, as scripts
    /// know it; its close frame ends the receiver.
    ///
    /// A script may send no code, 1000 or one from 3000 to 4999. Any other becomes 1000, and the reason stays.
    pub async fn close(&self, code: Option<u16>, reason: &str) {
        self.handle.hub.close(&self.handle.state, code, reason);
        // A caller that closes in a loop must not keep the link from being written.
        tokio::task::yield_now().await;
    }
}

/// Receives on a socket.
#[derive(Debug)]
pub struct BrowserReceiver {
    handle: Arc<Handle>,
}

impl BrowserReceiver {
    /// The next event; `None` after the end was told. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<SocketEvent> {
        let state = &self.handle.state;
        loop {
            let arrived = state.arrived.notified();
            {
                let mut inner = state.lock();
                if let Some(event) = inner.inbox.pop_front() {
                    let returned = inner.took(&event);
                    drop(inner);
                    if returned > 0 {
                        self.handle.hub.grant(state.number, returned);
                    }
                    return Some(event);
                }
                if inner.ended {
                    return None;
                }
            }
            arrived.await;
        }
    }
}

/// Both halves hold it; its end is the end of the caller's interest.
pub(crate) struct Handle {
    pub(super) hub: Arc<Hub>,
    pub(super) state: Arc<SocketState>,
}

impl fmt::Debug for Handle {
    /// Without the messages, which are nobody's business.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handle = formatter.debug_struct("Handle");
        handle
            .field("number", &self.state.number)
            .finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.hub.abandon(&self.state);
    }
}

/// How the opening of a socket came out, in the page's words.
#[derive(Debug)]
pub(crate) enum Opening {
    Opened { subprotocol: String },
    Failed { reason: String },
    Lost { why: String },
}

/// What a socket's halves and its link share.
pub(crate) struct SocketState {
    pub(super) number: u32,
    pub(super) message_bytes_max: usize,
    inner: Mutex<Inner>,
    pub(super) arrived: Notify,
    /// There may be room to send, or nothing will ever be sent again.
    pub(super) room: Notify,
}

pub(super) struct Inner {
    pub(super) inbox: VecDeque<SocketEvent>,
    inbox_bytes: usize,
    /// Taken by the caller and not yet granted to the page again.
    unreturned: usize,
    /// What may still be sent; one message may overdraw it.
    pub(super) credit: i64,
    pub(super) opening: Option<oneshot::Sender<Opening>>,
    pub(super) closing: bool,
    pub(super) ended: bool,
}

impl SocketState {
    pub(super) fn new(
        number: u32,
        message_bytes_max: usize,
        opening: oneshot::Sender<Opening>,
    ) -> Self {
        Self {
            number,
            message_bytes_max,
            inner: Mutex::new(Inner {
                inbox: VecDeque::new(),
                inbox_bytes: 0,
                unreturned: 0,
                credit: i64::from(WINDOW_BYTES),
                opening: Some(opening),
                closing: false,
                ended: false,
            }),
            arrived: Notify::new(),
            room: Notify::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message has come. `false` where the page sent more than it was granted.
    pub(super) fn receive(&self, message: Message) -> bool {
        let mut inner = self.lock();
        if inner.closing || inner.ended {
            return true;
        }
        if inner.inbox_bytes >= WINDOW_BYTES as usize + MESSAGE_COST_BYTES {
            return false;
        }
        inner.inbox_bytes += cost(&message);
        inner.inbox.push_back(SocketEvent::Message(message));
        drop(inner);
        self.arrived.notify_one();
        true
    }

    /// The end, by the remote or (`lost`) by us.
    pub(super) fn end(&self, code: u16, reason: String, clean: bool, lost: Option<String>) {
        let mut inner = self.lock();
        if inner.ended {
            return;
        }
        inner.ended = true;
        if let Some(opening) = inner.opening.take() {
            let _ = opening.send(match lost {
                Some(why) => Opening::Lost { why },
                None => Opening::Failed { reason },
            });
        } else {
            inner.inbox.push_back(SocketEvent::Closed {
                code,
                reason,
                clean,
                lost,
            });
        }
        drop(inner);
        self.arrived.notify_one();
        self.room.notify_waiters();
    }
}

impl Inner {
    /// Bytes to grant to the page, now that the caller took this. Small amounts are gathered.
    fn took(&mut self, event: &SocketEvent) -> u32 {
        let SocketEvent::Message(message) = event else {
            return 0;
        };
        self.inbox_bytes -= cost(message);
        self.unreturned += cost(message);
        if self.inbox.is_empty() {
            self.inbox = VecDeque::new();
        }
        if self.ended || self.unreturned < WINDOW_BYTES as usize / 2 {
            return 0;
        }
        u32::try_from(std::mem::take(&mut self.unreturned)).unwrap_or(u32::MAX)
    }
}

/// What a message costs of a window: its bytes, and something for the fact that it is one.
pub(super) fn cost(message: &Message) -> usize {
    message.len() + MESSAGE_COST_BYTES
}

/// Bytes on their way from the page to the caller, or back, before the sender has to wait. `link.js` is told.
pub(crate) const WINDOW_BYTES: u32 = 512 * 1024;
/// Counted for each message beside its bytes, so that empty ones are bounded too.
pub(crate) const MESSAGE_COST_BYTES: usize = 64;
