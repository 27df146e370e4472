//! The backend's side of a session: one WebSocket, whose messages become items and which items become messages of.
//!
//! Messages pass in pieces; none is ever assembled. Nothing is read while the client has enough to take, and no
//! credit is given for what the backend has not taken.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::SET_COOKIE;
use towpath_session::body::{Opened as OpenedBody, Refused};
use towpath_session::limits::{BACKEND_CLOSE_MS, PIECE_BYTES};
use towpath_session::{Close, Item, Kind};
use towpath_transport::socket::{Socket, SocketError};
use towpath_websocket::{CloseCode, ClosePayload, FrameHeader, MessageKind, Opcode, Piece, Role};

use super::state::State;
use crate::backend::{NotOpened, Opened};
use crate::stream::LegStream;

/// A handshake with the backend that is under way.
pub(super) type Opening = Pin<Box<dyn Future<Output = Result<Opened, NotOpened>> + Send>>;

/// The backend leg at a moment.
pub(super) enum Leg {
    /// The backend has not answered.
    Opening(Opening),
    /// It has, with 101.
    Open(Box<Backend>),
    /// There is none any more.
    Gone,
}

/// An open backend leg.
pub(super) struct Backend {
    socket: Socket<LegStream>,
    /// A message to the backend is begun and not ended.
    inside_message: bool,
    /// Cost of the items in the socket's queue.
    queued_cost: u64,
    /// When the wait for the backend's close ends.
    close_due: Option<u64>,
    /// The stream is only flushed now.
    finishing: bool,
}

impl Leg {
    /// Moves bytes both ways as far as possible without waiting. Says whether anything moved.
    pub(super) fn poll(
        &mut self,
        state: &mut State,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        now: u64,
        room: bool,
    ) -> bool {
        match self {
            Self::Gone => false,
            Self::Opening(opening) => {
                if state.engine.is_peer_closed() {
                    state.close(&abnormal(), now);
                    *self = Self::Gone;
                    return true;
                }
                let Poll::Ready(outcome) = opening.as_mut().poll(cx) else {
                    return false;
                };
                *self = answered(outcome, state, now);
                true
            }
            Self::Open(backend) => {
                let mut moved = false;
                if room && !backend.finishing {
                    moved |= backend.receive(state, cx, scratch, now);
                }
                moved |= backend.send(state, cx, now);
                if backend.close_due.is_some_and(|at| at <= now) && !backend.finishing {
                    state.close(&abnormal(), now);
                    backend.finishing = true;
                    moved = true;
                }
                if backend.finishing && backend.is_done(cx) {
                    *self = Self::Gone;
                }
                moved
            }
        }
    }

    /// The session is over; the backend is told that its client is gone.
    pub(super) fn finish(&mut self, cx: &mut Context<'_>) {
        match self {
            Self::Gone => {}
            Self::Opening(_) => *self = Self::Gone,
            Self::Open(backend) => {
                if !backend.finishing {
                    backend.finishing = true;
                    backend.socket.queue_close(Some(CloseCode::GOING_AWAY), b"");
                }
                if backend.is_done(cx) {
                    *self = Self::Gone;
                }
            }
        }
    }

    /// When something is due without anything arriving.
    pub(super) fn deadline(&self) -> u64 {
        match self {
            Self::Open(backend) if !backend.finishing => backend.close_due.unwrap_or(u64::MAX),
            _ => u64::MAX,
        }
    }

    /// Whether there is no backend any more.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }
}

impl Backend {
    fn receive(
        &mut self,
        state: &mut State,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        now: u64,
    ) -> bool {
        let mut closed = None;
        let read = self.socket.poll_pieces(cx, scratch, |piece| {
            take_piece(piece, state, &mut closed, now);
        });
        match read {
            Poll::Pending => false,
            Poll::Ready(outcome) => {
                self.after_read(outcome, closed, state, now);
                true
            }
        }
    }

    fn after_read(
        &mut self,
        outcome: Result<usize, SocketError>,
        closed: Option<ClosePayload>,
        state: &mut State,
        now: u64,
    ) {
        if let Some(close) = closed {
            let code = close.code;
            state.close(
                &Close {
                    code: code.map(|code| code.0),
                    reason: close.reason,
                },
                now,
            );
            self.socket.queue_close(code, b"");
            self.finishing = true;
            return;
        }
        match outcome {
            Ok(0) => {
                state.close(&abnormal(), now);
                self.finishing = true;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = %error, "the backend's stream is of no more use");
                state.close(&abnormal(), now);
                self.socket.queue_close(Some(error.close_code()), b"");
                self.finishing = true;
            }
        }
    }

    /// Hands items on and flushes once. What the socket took is consumed.
    fn send(&mut self, state: &mut State, cx: &mut Context<'_>, now: u64) -> bool {
        let mut moved = false;
        while !self.finishing && self.socket.queued_bytes() < QUEUED_BYTES_MAX {
            let Some(item) = state.engine.deliver() else {
                break;
            };
            moved = true;
            self.queued_cost += item.cost();
            self.queue(&item, now);
        }
        if self.socket.is_flushed() {
            return moved;
        }
        match self.socket.poll_flush(cx) {
            Poll::Pending => moved,
            Poll::Ready(Ok(())) => {
                state.engine.consumed(self.queued_cost, now);
                self.queued_cost = 0;
                true
            }
            Poll::Ready(Err(_)) => {
                // What the backend said before it went may still be read; the end of that says it is gone.
                if !self.finishing && state.engine.is_peer_closed() {
                    state.close(&abnormal(), now);
                }
                self.finishing |= self.socket.is_closed_by_us();
                moved
            }
        }
    }

    fn queue(&mut self, item: &Item, now: u64) {
        let (opcode, last) = match item.kind {
            Kind::Text => (Opcode::Text, true),
            Kind::TextMore => (Opcode::Text, false),
            Kind::Binary => (Opcode::Binary, true),
            Kind::BinaryMore => (Opcode::Binary, false),
            Kind::Close => {
                let close = Close::parse(&item.payload).unwrap_or_default();
                let code = close.code.map(CloseCode).filter(|code| code.may_be_sent());
                self.socket.queue_close(code, close.reason.as_bytes());
                self.close_due = Some(now + BACKEND_CLOSE_MS);
                return;
            }
            Kind::Opened | Kind::Refused => return,
        };
        let opcode = if self.inside_message {
            Opcode::Continuation
        } else {
            opcode
        };
        self.inside_message = !last;
        let header = FrameHeader::new(opcode, item.payload.len());
        let header = FrameHeader {
            fin: last,
            ..header
        };
        self.socket.queue(header, &item.payload);
    }

    fn is_done(&mut self, cx: &mut Context<'_>) -> bool {
        self.socket.poll_shutdown(cx).is_ready()
    }
}

/// What the backend answered becomes the first item down.
fn answered(outcome: Result<Opened, NotOpened>, state: &mut State, now: u64) -> Leg {
    let target = state.acceptance.target().to_owned();
    let refused = match outcome {
        Ok(opened) => return open(opened, &target, state, now),
        Err(NotOpened::Refused(refusal)) => Refused {
            status: refusal.status.as_u16(),
            headers: refusal
                .headers
                .iter()
                .filter(|(name, _)| *name != SET_COOKIE)
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                })
                .collect(),
            body: refusal.body.to_vec(),
            cookies: state.cookies.keep(&refusal.headers, &target),
        },
        Err(NotOpened::Failed(failure)) => {
            tracing::warn!(failure = failure.name(), "the backend did not answer");
            Refused {
                status: failure.status().as_u16(),
                headers: Vec::new(),
                body: Vec::new(),
                cookies: false,
            }
        }
    };
    state.refuse(&refused, now);
    Leg::Gone
}

fn open(opened: Opened, target: &str, state: &mut State, now: u64) -> Leg {
    let body = OpenedBody {
        protocol: opened.subprotocol().unwrap_or_default().to_owned(),
        extensions: opened.extensions().unwrap_or_default().to_owned(),
        cookies: state.cookies.keep(&opened.headers, target),
    };
    state.push(Kind::Opened, body.json().into(), now);
    let mut backend = Box::new(Backend {
        socket: Socket::new(opened.stream, Role::Client, MESSAGE_BYTES_MAX),
        inside_message: false,
        queued_cost: 0,
        close_due: None,
        finishing: false,
    });
    if !opened.leftover.is_empty() {
        let mut leftover = opened.leftover.to_vec();
        let mut closed = None;
        let outcome = backend.socket.feed(&mut leftover, |piece| {
            take_piece(piece, state, &mut closed, now);
        });
        backend.after_read(outcome.map(|()| leftover.len()), closed, state, now);
    }
    Leg::Open(backend)
}

fn take_piece(piece: Piece<'_>, state: &mut State, closed: &mut Option<ClosePayload>, now: u64) {
    match piece {
        Piece::Data {
            kind,
            payload,
            last,
            ..
        } => {
            let (whole, more) = match kind {
                MessageKind::Text => (Kind::Text, Kind::TextMore),
                MessageKind::Binary => (Kind::Binary, Kind::BinaryMore),
            };
            let mut rest = payload;
            while rest.len() > PIECE_BYTES {
                let (piece, behind) = rest.split_at(PIECE_BYTES);
                state.push(more, Bytes::copy_from_slice(piece), now);
                rest = behind;
            }
            let kind = if last { whole } else { more };
            state.push(kind, Bytes::copy_from_slice(rest), now);
        }
        Piece::Close(close) => *closed = Some(close),
        // The socket answers pings; nobody waits for the backend's pongs.
        Piece::Ping(_) | Piece::Pong(_) => {}
    }
}

/// What a client is told of a backend that vanished.
fn abnormal() -> Close {
    Close::new(CloseCode::ABNORMAL.0, "")
}

/// Bytes to the backend that wait in this process besides the items themselves.
const QUEUED_BYTES_MAX: usize = 64 * 1024;

/// Messages pass in pieces, so their size is bounded by nothing here.
const MESSAGE_BYTES_MAX: u64 = u64::MAX;
