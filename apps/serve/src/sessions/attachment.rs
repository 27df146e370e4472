//! One use of one transport by a session, and what is to be said on it besides items.
//!
//! It must never hold items: those stay in the session until they are acknowledged.

use std::net::IpAddr;
use std::task::Waker;

use towpath_diagnosis::observation::{self, AttachmentEnd};
use towpath_session::Envelope;
use towpath_session::adapt::Profile;
use towpath_session::envelope::write_padding;

use crate::config::TransportKind;
use crate::observe;

/// An attachment that is in use or a candidate for it.
#[derive(Debug)]
pub(super) struct Attachment {
    /// Its number, chosen by the client.
    pub(super) generation: u64,
    /// What carries it.
    pub(super) transport: TransportKind,
    /// The network that the client came from with it.
    pub(super) network: IpAddr,
    /// What the client said it had received and accepts when it attached.
    pub(super) stated: Stated,
    /// When it began.
    pub(super) since: u64,
    /// When anything last arrived on it.
    pub(super) heard: u64,
    /// When anything was last written on it.
    pub(super) told: u64,
    /// How many bytes of envelopes were.
    pub(super) bytes: u64,
    /// Nothing follows what is queued.
    pub(super) ended: bool,
    /// Nothing was heard for too long. A later request of it brings it back.
    pub(super) lost: bool,
    /// The response that waits for something to say, where the transport has responses.
    pub(super) response: Option<Response>,
    /// What was learned of the client's network.
    pub(super) profile: Profile,
    /// What is counted of it.
    pub(super) counts: Counts,
    /// Envelopes that go before any item.
    queued: Vec<u8>,
}

/// What is only counted, for those who look for the reason of an end.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// How long before the attach its WebSocket had opened, in milliseconds.
    pub(super) opened_before: u32,
    pub(super) bytes_up: u64,
    pub(super) messages_up: u32,
    pub(super) messages_down: u32,
    /// When the last ping was queued that is not answered, with one added; 0 without one.
    pinged: u64,
    /// The shortest time to a pong, in milliseconds.
    round_trip: Option<u32>,
    pub(super) http2: bool,
    pub(super) used: bool,
    /// Its response was cut, which is noted, and nothing came since.
    pub(super) cut: bool,
    /// Why it ends, as soon as that is known.
    pub(super) end: Option<Box<AttachmentEnd>>,
}

impl Counts {
    /// Something came.
    pub(super) fn received(&mut self, bytes: usize) {
        self.bytes_up = self.bytes_up.saturating_add(bytes as u64);
        self.messages_up = self.messages_up.saturating_add(1);
    }

    /// A ping is on its way.
    pub(super) fn pinged(&mut self, now: u64) {
        self.pinged = now + 1;
    }

    /// Its pong came.
    pub(super) fn ponged(&mut self, now: u64) {
        let Some(pinged) = std::mem::take(&mut self.pinged).checked_sub(1) else {
            return;
        };
        let took = u32::try_from(now.saturating_sub(pinged)).unwrap_or(u32::MAX);
        self.round_trip = Some(self.round_trip.unwrap_or(took).min(took));
    }
}

/// An `ack` as it stood in an `attach`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The last item that arrived without a gap.
    pub(super) received: u64,
    /// The total cost accepted.
    pub(super) credit: u64,
}

/// A response of which the head is decided and the end is not.
#[derive(Debug)]
pub(super) struct Response {
    /// Its request's number.
    pub(super) request: u64,
    /// When its request arrived.
    pub(super) since: u64,
    /// Bytes of its body so far.
    pub(super) bytes: u64,
    /// It is to end with `again`.
    pub(super) finish: bool,
    /// Whom to wake when there is something to say.
    pub(super) waker: Option<Waker>,
}

impl Response {
    /// A response that has said nothing.
    pub(super) fn new(request: u64, now: u64) -> Self {
        Self {
            request,
            since: now,
            bytes: 0,
            finish: false,
            waker: None,
        }
    }
}

impl Attachment {
    /// What was seen of it, with this end.
    pub(super) fn fact(&self, end: AttachmentEnd, now: u64) -> observation::Attachment {
        let counts = &self.counts;
        let opened_before = u64::from(counts.opened_before);
        observation::Attachment {
            transport: observe::transport(self.transport),
            generation: self.generation,
            http2: counts.http2,
            attached: true,
            used: counts.used,
            age_ms: now.saturating_sub(self.since) + opened_before,
            first_up_ms: Some(opened_before),
            silent_up_ms: now.saturating_sub(self.heard),
            silent_down_ms: now.saturating_sub(self.told.max(self.since)),
            bytes_up: counts.bytes_up,
            bytes_down: self.bytes,
            messages_up: Some(u64::from(counts.messages_up)),
            messages_down: Some(u64::from(counts.messages_down)),
            round_trip_us: counts.round_trip.map(|took| u64::from(took) * 1000),
            end,
        }
    }

    /// It ends, or is about to, for this reason; the first that is given is the one that counts.
    pub(super) fn ends(&mut self, end: AttachmentEnd) {
        if !self.lost && self.counts.end.is_none() {
            self.counts.end = Some(Box::new(end));
        }
    }

    /// An attachment that begins now.
    pub(super) fn new(
        generation: u64,
        (transport, network): (TransportKind, IpAddr),
        stated: Stated,
        profile: Profile,
        now: u64,
    ) -> Self {
        Self {
            generation,
            transport,
            network,
            stated,
            since: now,
            heard: now,
            told: now,
            bytes: 0,
            ended: false,
            lost: false,
            response: None,
            profile,
            counts: Counts::default(),
            queued: Vec::new(),
        }
    }

    /// Queues an envelope that is no item.
    pub(super) fn say(&mut self, envelope: Envelope<'_>) {
        if self.queued.len() < QUEUED_BYTES_MAX {
            envelope.encode(&mut self.queued);
        }
        self.wake();
    }

    /// Queues padding of that many bytes.
    pub(super) fn pad(&mut self, bytes: usize) {
        write_padding(bytes, &mut self.queued);
    }

    /// Queues a ping or a pong, padded where small chunks are held back on the way.
    pub(super) fn say_padded(&mut self, envelope: Envelope<'_>) {
        if self.profile.padding_bytes > 0 && self.queued.len() < QUEUED_BYTES_MAX {
            envelope.encode(&mut self.queued);
            self.pad(self.profile.padding_bytes);
            self.wake();
        } else {
            self.say(envelope);
        }
    }

    /// Queues the last envelope.
    pub(super) fn say_last(&mut self, envelope: Envelope<'_>) {
        if !self.ended {
            self.say(envelope);
            self.ended = true;
        }
        self.wake();
    }

    /// Whether there is anything to say besides items.
    pub(super) fn has_queued(&self) -> bool {
        !self.queued.is_empty()
    }

    /// Takes what is to be said besides items.
    pub(super) fn take_queued(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.queued);
        self.queued = Vec::new();
    }

    /// Wakes the response, if there is one.
    pub(super) fn wake(&mut self) {
        if let Some(response) = &mut self.response
            && let Some(waker) = response.waker.take()
        {
            waker.wake();
        }
    }

    /// Whether the client can be told anything now.
    pub(super) fn is_reachable(&self) -> bool {
        self.transport == TransportKind::Websocket || self.response.is_some()
    }

    /// How many bytes the response to `request` may still grow; nothing where it is no longer the newest.
    pub(super) fn room(&self, request: u64) -> Option<u64> {
        let response = self.response.as_ref()?;
        (response.request == request)
            .then(|| self.profile.response_bytes.saturating_sub(response.bytes))
    }

    /// When the next ping is due; never while the client cannot be told.
    pub(super) fn ping_due(&self) -> Option<u64> {
        let since = match &self.response {
            Some(response) => response.since,
            None if self.transport == TransportKind::Websocket => self.since,
            None => return None,
        };
        Some(self.told.max(since) + self.profile.heartbeat_ms)
    }

    /// When it is taken for dead unless something arrives.
    pub(super) fn dead_at(&self) -> u64 {
        self.heard + 2 * self.profile.heartbeat_ms + HEARD_GRACE_MS
    }

    /// Whether the response has lived long enough.
    pub(super) fn response_due(&self) -> Option<u64> {
        let response = self.response.as_ref()?;
        (self.transport != TransportKind::Poll && !response.finish)
            .then(|| response.since.saturating_add(self.profile.response_ms))
    }
}

/// Bytes of pongs and the like that wait. A client that asks for more and takes nothing gets no more answers.
const QUEUED_BYTES_MAX: usize = 16 * 1024;

/// Allowed above two heartbeats for an answer to arrive.
const HEARD_GRACE_MS: u64 = 1_000;
