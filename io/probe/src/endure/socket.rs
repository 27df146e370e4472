//! One socket of the time ladder: its traffic, its age and its end.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use towpath_diagnosis::observation::{Endurance, MessageKind, Traffic};
use towpath_net::limits::milliseconds;

use super::WAKE_ANSWER;
use crate::talk::payload::{mark, mask_key, text};
use crate::talk::wire::{Incoming, Wire};

/// A socket that is watched.
pub(super) struct Guard {
    pub(super) opened: Instant,
    pub(super) opened_at_ms: u64,
    pub(super) traffic: Traffic,
    /// What data messages hold; a text of this program's own where absent.
    pub(super) message: Option<String>,
    pub(super) wire: Wire,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    pings_sent: u32,
    pongs_received: u32,
    pings_received: u32,
    data_sent: u32,
    data_received: u32,
    final_ping_answered: Option<bool>,
}

impl Guard {
    /// Watches until the socket ends, or until the moment that may be moved while it waits.
    pub(super) async fn watch(mut self, mut ends: watch::Receiver<Instant>) -> Endurance {
        let mut counts = Counts::default();
        let mut last_frame = Instant::now();
        let mut due = self.first_due();
        while self.wire.ended().is_none() {
            let end = *ends.borrow_and_update();
            let now = Instant::now();
            if now >= end {
                break;
            }
            if due.is_some_and(|due| due <= now) {
                if matches!(self.traffic, Traffic::SilentThenPing { .. }) {
                    self.wake(&mut counts).await;
                    break;
                }
                self.send(&mut counts);
                last_frame = now;
                due = due.map(|due| due + self.beat());
            }
            let until = due.map_or(end, |due| due.min(end));
            tokio::select! {
                incoming = self.wire.next(until) => {
                    if let Some(incoming) = incoming {
                        counts.count(&incoming);
                        last_frame = Instant::now();
                    }
                }
                // The end was moved; look again. A sender that is gone moves it no more.
                Ok(()) = ends.changed() => {}
            }
        }
        self.tell(&counts, last_frame).await
    }

    fn first_due(&self) -> Option<Instant> {
        match self.traffic {
            Traffic::Silent => None,
            Traffic::Ping { .. } | Traffic::Data { .. } => Some(self.opened + self.beat()),
            Traffic::SilentThenPing { silent_ms } => {
                Some(self.opened + Duration::from_millis(silent_ms))
            }
        }
    }

    fn beat(&self) -> Duration {
        match self.traffic {
            Traffic::Ping { every_ms } | Traffic::Data { every_ms } => {
                Duration::from_millis(every_ms)
            }
            Traffic::Silent | Traffic::SilentThenPing { .. } => Duration::MAX,
        }
    }

    fn send(&mut self, counts: &mut Counts) {
        // Nobody reads the events of a socket that is only watched.
        self.wire.log.take();
        if let Traffic::Data { .. } = self.traffic {
            let message = self
                .message
                .clone()
                .unwrap_or_else(|| text(MESSAGE_BYTES, true));
            if self
                .wire
                .compose(|connection, out| connection.send_text(&message, mask_key, out))
            {
                counts.data_sent += 1;
                self.wire.log.sent(MessageKind::Text, message.len());
            }
        } else if self.ping() {
            counts.pings_sent += 1;
        }
    }

    fn ping(&mut self) -> bool {
        let payload = mark();
        self.wire
            .compose(|connection, out| connection.send_ping(payload.as_bytes(), mask_key, out))
    }

    /// One ping after the silence, and its answer.
    async fn wake(&mut self, counts: &mut Counts) {
        if self.ping() {
            counts.pings_sent += 1;
        }
        let until = Instant::now() + WAKE_ANSWER;
        let mut answered = false;
        while let Some(incoming) = self.wire.next(until).await {
            counts.count(&incoming);
            if matches!(incoming, Incoming::Pong(_)) {
                answered = true;
                break;
            }
        }
        if answered || self.wire.ended().is_none() {
            counts.final_ping_answered = Some(answered);
        }
    }

    async fn tell(self, counts: &Counts, last_frame: Instant) -> Endurance {
        let ended = self.wire.ended().cloned();
        let now = Instant::now();
        let life = Endurance {
            traffic: self.traffic.clone(),
            opened_at_ms: self.opened_at_ms,
            lived_ms: milliseconds(now - self.opened),
            ended,
            quiet_before_end_ms: milliseconds(now - last_frame),
            pings_sent: counts.pings_sent,
            pongs_received: counts.pongs_received,
            pings_received: counts.pings_received,
            data_sent: counts.data_sent,
            data_received: counts.data_received,
            final_ping_answered: counts.final_ping_answered,
        };
        self.wire.leave().await;
        life
    }
}

impl Counts {
    fn count(&mut self, incoming: &Incoming) {
        match incoming {
            Incoming::Message(_) => self.data_received += 1,
            Incoming::Pong(_) => self.pongs_received += 1,
            Incoming::Ping => self.pings_received += 1,
        }
    }
}

/// Length of a data message, in bytes.
const MESSAGE_BYTES: u64 = 24;
