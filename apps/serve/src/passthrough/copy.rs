//! One plain WebSocket from its 101 to its end: the relay, and what may end it from outside.
//!
//! Timers exist only while there is something to time: a reader that takes nothing, an end that the other side
//! does not answer, or a limit on silence.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::relay::{Broken, Relay};
use crate::config::Limits;
use crate::drain::Drain;
use crate::limits::Limit;

/// How a plain WebSocket ended.
#[derive(Debug)]
pub(super) enum End {
    /// Both sides ended.
    Both,
    /// One side broke.
    Broken(Broken),
    /// A limit was reached.
    Limit(Limit),
    /// The gateway stops.
    Drained,
}

/// Copies until the end.
pub(super) async fn copy(drain: &Drain, limits: &Limits, relay: &mut Relay) -> End {
    let mut turn = pin!(drain.turn());
    let mut patience = Patience::new(limits);
    let (mut registered, mut turned, mut closing) = (false, false, false);
    poll_fn(|cx| {
        // Once registered, the turn need not be asked again at each wake-up.
        if !turned && (!registered || drain.is_draining()) {
            registered = true;
            turned = turn.as_mut().poll(cx).is_ready();
        }
        closing |= turned && !closing && relay.end_down_with(CLOSE_RESTART);
        match relay.poll_copy(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(End::Both),
            Poll::Ready(Err(broken)) => return Poll::Ready(End::Broken(broken)),
            Poll::Pending => {}
        }
        if turned && !closing && relay.end_down_with(CLOSE_RESTART) {
            // The frame that was in the way has just ended.
            closing = true;
            cx.waker().wake_by_ref();
        }
        if closing && relay.close_answered() {
            relay.shut_client(cx);
            return Poll::Ready(End::Drained);
        }
        patience.poll(cx, relay).map(End::Limit)
    })
    .await
}

/// How long nothing may happen.
struct Patience {
    slow: Duration,
    idle: Duration,
    limit: Limit,
    timer: Option<Pin<Box<Sleep>>>,
    seen: [u64; 2],
}

impl Patience {
    fn new(limits: &Limits) -> Self {
        Self {
            slow: limits.slow_reader_seconds.duration(),
            idle: limits.idle_seconds.duration(),
            limit: Limit::IdleSeconds,
            timer: None,
            seen: [0; 2],
        }
    }

    /// Ready with the limit that is reached.
    fn poll(&mut self, cx: &mut Context<'_>, relay: &Relay) -> Poll<Limit> {
        let waits = relay.stalled() || relay.half_ended();
        let (limit, span) = if waits {
            (Limit::SlowReaderSeconds, self.slow)
        } else {
            (Limit::IdleSeconds, self.idle)
        };
        // A timer of a stall that is over runs on and is looked at when it fires: stalls come and go
        // too often to make a timer for each.
        let begins = waits && self.limit != Limit::SlowReaderSeconds;
        if self.timer.is_none() || begins {
            self.arm(limit, span, relay);
        }
        loop {
            let Some(timer) = &mut self.timer else {
                return Poll::Pending;
            };
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if self.limit == limit && self.seen == relay.bytes() {
                return Poll::Ready(limit);
            }
            self.arm(limit, span, relay);
        }
    }

    fn arm(&mut self, limit: Limit, span: Duration, relay: &Relay) {
        self.limit = limit;
        self.seen = relay.bytes();
        match &mut self.timer {
            _ if span.is_zero() => self.timer = None,
            Some(timer) => timer.as_mut().reset(Instant::now() + span),
            None => self.timer = Some(Box::pin(sleep(span))),
        }
    }
}

/// A close frame of a server with 1012, service restart.
const CLOSE_RESTART: &[u8] = &[0x88, 0x02, 0x03, 0xf4];
