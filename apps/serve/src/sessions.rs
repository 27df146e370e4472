//! The session side of the gateway: who attaches, what carries, and what ends.
//!
//! Each session has one task, which owns its backend leg and the client's WebSocket; requests of the HTTP
//! transports reach the session's state through a lock. Nothing is freed before the client has
//! acknowledged it, and nothing grows without a named limit.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Response, StatusCode};
use tokio::time::{Instant, sleep};
use towpath_session::adapt::Cut;
use towpath_session::body::Secret;
use towpath_session::limits::WINDOW_BYTES;
use towpath_session::{Outcome, Session as Engine, Settings as EngineSettings, Side};

use crate::body::Body;
use crate::call::{Call, Endpoint};
use crate::config::{Settings, TransportKind};
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::observe::{self, Observer};

mod answer;
mod attach;
mod attachment;
mod clock;
mod cookies;
mod counters;
mod downlink;
mod leg;
mod link;
mod networks;
mod post;
mod registry;
mod session;
mod silence;
mod state;
mod task;
mod websocket;

use clock::Clock;
use counters::Counters;
use networks::Networks;
use registry::{Capacity, Registry};
use session::Session;
use state::{Observed, Patience, State};

/// Every session of this gateway.
#[derive(Debug)]
pub(crate) struct Sessions {
    registry: Registry,
    networks: Networks,
    counters: Counters,
    clock: Clock,
    capacity: Capacity,
    patience: Patience,
    engine: EngineSettings,
    buffered_bytes_max: u64,
    /// Somebody waits for the gateway to drain.
    drain_is_watched: AtomicBool,
}

impl Sessions {
    /// No sessions yet, by a clock that was zero at `start`.
    pub(crate) fn new(settings: &Settings, start: Instant) -> Self {
        let limits = &settings.limits;
        let milliseconds = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX / 4);
        let of_session = limits.buffered_bytes_per_session as u64;
        Self {
            registry: Registry::default(),
            networks: Networks::new(&settings.sessions),
            counters: Counters::default(),
            clock: Clock::new(start),
            capacity: Capacity {
                sessions: limits.sessions,
                per_address: limits.sessions_per_address,
            },
            patience: Patience {
                resume_ms: milliseconds(limits.detached_seconds.duration()),
                stalled_ms: milliseconds(limits.slow_reader_seconds.duration()),
            },
            engine: EngineSettings {
                outbox_bytes_max: of_session
                    .saturating_sub(WINDOW_BYTES)
                    .max(OUTBOX_BYTES_MIN),
                ..EngineSettings::new(Side::Gateway)
            },
            buffered_bytes_max: limits.buffered_bytes as u64,
            drain_is_watched: AtomicBool::new(false),
        }
    }

    /// Shows the session side's numbers beside the front's.
    pub(crate) fn register(&self, metrics: &Metrics) {
        self.counters.register(metrics);
    }

    /// The code of the session that this nonce or token belongs to; it lives, or ended a short while ago.
    pub(crate) fn code_of(&self, observer: &Observer, proof: &Secret) -> Option<Box<str>> {
        match self.registry.find(proof) {
            Some(session) => Some(session.name().into()),
            None => observer.proved(proof),
        }
    }

    /// How many there are, attached or not.
    pub(crate) fn how_many(&self) -> u64 {
        u64::try_from(self.counters.sessions.get()).unwrap_or(0)
    }

    /// Milliseconds since the gateway started.
    fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Whether more may be read from a session's backend.
    fn has_room(&self, engine: &Engine) -> bool {
        engine.has_room() && (!self.is_memory_full() || engine.buffered_cost() < OUTBOX_BYTES_MIN)
    }

    /// Whether all sessions together hold as much as they may.
    fn is_memory_full(&self) -> bool {
        let held = u64::try_from(self.counters.buffered.get()).unwrap_or(0);
        held >= self.buffered_bytes_max
    }

    /// Brings what a session holds into the sum of all.
    fn count(&self, state: &mut State) {
        let held = state.held_bytes();
        let before = std::mem::replace(&mut state.counted_bytes, held);
        match held.cmp(&before) {
            std::cmp::Ordering::Greater => {
                self.counters.buffered.inc_by(signed(held - before));
            }
            std::cmp::Ordering::Less => {
                self.counters.buffered.dec_by(signed(before - held));
            }
            std::cmp::Ordering::Equal => {}
        }
    }

    /// A transport ended without a word.
    fn note_cut(&self, session: &Session, from: (IpAddr, TransportKind), cut: Cut, now: u64) {
        let (network, transport) = from;
        self.counters.cut(transport.name());
        self.networks.cut(network, transport, cut, now);
        let transport = transport.name();
        tracing::debug!(session = %session.name(), %network, transport, ?cut, "cut");
    }

    /// A session saw something of its client's network.
    fn note_observed(&self, observer: &Observer, session: &Session, observed: Observed, now: u64) {
        match observed {
            Observed::Silent(network, transport, cut) => {
                self.note_cut(session, (network, transport), cut, now);
            }
            Observed::HeldBack(network) => self.networks.held_back(network, now),
            Observed::Used(transport) => {
                observer.used(&session.log, observe::transport(transport));
            }
            Observed::Open(transport, is_open) => {
                observer.open(observe::transport(transport), is_open);
            }
            Observed::Ended(attachment) => observer.ended(&session.log, *attachment),
        }
    }

    /// A session is over.
    fn leave(&self, observer: &Observer, session: &Session, state: &mut State, now: u64) {
        let held = std::mem::take(&mut state.counted_bytes);
        self.counters.buffered.dec_by(signed(held));
        self.counters.sessions.dec();
        let until = now + self.patience.resume_ms;
        observer.over(&session.log, state.acceptance.secrets().collect());
        self.registry.leave(session, &state.acceptance, now, until);
    }

    /// Has the sessions end in turns when the gateway drains.
    fn watch_drain(&self, gateway: &Arc<Gateway>) {
        if self.drain_is_watched.swap(true, Ordering::Relaxed) {
            return;
        }
        let gateway = Arc::clone(gateway);
        tokio::spawn(async move {
            gateway.drain.begun().await;
            let sessions = gateway.sessions.registry.all();
            let length = gateway.settings.drain_seconds.duration();
            let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX).max(1);
            let pause = length.mul_f64(ENDS_WITHIN) / count;
            for session in sessions {
                let now = gateway.sessions.now();
                session.state().end(Outcome::Shutdown, Some(1), now);
                sleep(pause).await;
            }
        });
    }
}

/// Answers one request of a session.
pub(crate) async fn handle(gateway: &Arc<Gateway>, call: Call) -> Response<Body> {
    match call.endpoint {
        Endpoint::Transport(kind) if !gateway.settings.sessions.transports.contains(&kind) => {
            answer::status(StatusCode::SERVICE_UNAVAILABLE)
        }
        Endpoint::Transport(TransportKind::Websocket) => websocket::handle(gateway, call),
        Endpoint::Transport(kind) => post::downlink(gateway, call, kind).await,
        Endpoint::Send => post::send(gateway, call).await,
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What every session may keep for its client, however small the limits are.
const OUTBOX_BYTES_MIN: u64 = 64 * 1024;

/// The part of the time to drain in which sessions end, so that each still has time to say so.
const ENDS_WITHIN: f64 = 0.8;
