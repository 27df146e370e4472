//! The response of an HTTP transport: what the session has to say, pulled when the connection can take it.
//!
//! Nothing is freed because it was written here, and nothing is taken out of the session by a request that turns
//! out to be late: only an `ack` frees items.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use towpath_diagnosis::observation::{self, AttachmentEnd};
use towpath_session::Envelope;
use towpath_session::adapt::Cut;
use towpath_session::limits::{ITEM_OVERHEAD_MAX, PIECE_BYTES};
use towpath_transport::server::HttpTransport;

use super::session::Session;
use crate::body::BodyError;
use crate::gateway::Gateway;

/// One response that is not complete.
pub(super) struct Downlink {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    generation: u64,
    request: u64,
    transport: HttpTransport,
    done: bool,
}

impl Downlink {
    /// The response to a request that is the newest of its attachment.
    pub(super) fn new(
        gateway: Arc<Gateway>,
        session: Arc<Session>,
        generation: u64,
        request: u64,
        transport: HttpTransport,
    ) -> Self {
        Self {
            gateway,
            session,
            generation,
            request,
            transport,
            done: false,
        }
    }

    /// The transport.
    pub(super) fn transport(&self) -> HttpTransport {
        self.transport
    }

    /// The next part of the body; nothing where it is complete.
    pub(super) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.done {
            return Poll::Ready(None);
        }
        let now = self.gateway.sessions.now();
        let mut state = self.session.state();
        let Some(room) = state
            .attachment(self.generation)
            .and_then(|attachment| attachment.room(self.request))
        else {
            self.done = true;
            return Poll::Ready(None);
        };
        let mut envelopes = Vec::new();
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let budget = room.clamp(ITEM_BYTES_MAX, PART_BYTES_MAX);
        state.fill(self.generation, now, budget, &mut envelopes);
        let Some(attachment) = state.attachment(self.generation) else {
            self.done = true;
            return Poll::Ready(None);
        };
        let ended = attachment.ended && !attachment.has_queued();
        let response_bytes = attachment.profile.response_bytes;
        let Some(response) = attachment.response.as_mut() else {
            self.done = true;
            return Poll::Ready(None);
        };
        response.bytes += envelopes.len() as u64;
        // A further item might not fit. A response that said nothing has no reason to end.
        let is_full = response.finish
            || (response.bytes > 0 && response.bytes + ITEM_BYTES_MAX as u64 > response_bytes);
        let complete = if self.transport.is_streaming() {
            if is_full && !ended {
                Envelope::Again.encode(&mut envelopes);
            }
            is_full || ended
        } else {
            ended || !envelopes.is_empty()
        };
        if complete {
            self.done = true;
            attachment.response = None;
            if ended {
                state.lose(self.generation, now);
                state.wake_task();
            }
        } else if envelopes.is_empty() {
            response.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        let mut body = Vec::with_capacity(envelopes.len());
        self.transport.encode(&envelopes, &mut body);
        if body.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(body.into()))
    }
}

impl Body for Downlink {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let part = self.get_mut().poll_part(cx);
        part.map(|part| part.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.done
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// A response that goes before it is complete was cut somewhere on the way, or the client gave it up.
impl Drop for Downlink {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let now = self.gateway.sessions.now();
        let mut state = self.session.state();
        let is_used = state.acceptance.in_use() == self.generation && state.is_running();
        let Some(attachment) = state.attachment(self.generation) else {
            return;
        };
        let (told, heard) = (attachment.told, attachment.heard);
        let is_noted = attachment.counts.end.is_some();
        let from = (attachment.network, attachment.transport);
        let Some(response) = attachment
            .response
            .take_if(|response| response.request == self.request)
        else {
            return;
        };
        attachment.counts.cut = is_used && !is_noted;
        let fact = observation::Attachment {
            age_ms: now.saturating_sub(response.since),
            silent_down_ms: now.saturating_sub(told.max(response.since)),
            bytes_down: response.bytes,
            ..attachment.fact(AttachmentEnd::EndOfStream, now)
        };
        let end = state.ended();
        drop(state);
        if is_used && !is_noted {
            let end = end.unwrap_or(AttachmentEnd::EndOfStream);
            let fact = observation::Attachment { end, ..fact };
            self.gateway.observer.cut(&self.session.log, fact);
        }
        if is_used {
            let cut = Cut {
                age_ms: now.saturating_sub(response.since),
                idle_ms: now.saturating_sub(told.max(response.since).max(heard.min(told))),
                bytes: response.bytes,
            };
            self.gateway
                .sessions
                .note_cut(&self.session, from, cut, now);
        }
    }
}

/// Bytes of the largest item with its envelope.
const ITEM_BYTES_MAX: usize = PIECE_BYTES + ITEM_OVERHEAD_MAX;

/// Bytes of one part; enough for several of the largest items.
const PART_BYTES_MAX: usize = 64 * 1024;
