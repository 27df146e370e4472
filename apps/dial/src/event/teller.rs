//! From the connections to whoever reads the events, without waiting for either.
//!
//! It must never let a stranger write more than a little: denials are told up to a rate, and counted beyond it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::Event;

/// Where connections tell.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    events: mpsc::Sender<Event>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    missed: AtomicU64,
    /// When the present second of denials began, and how many came in it.
    denials: Mutex<Option<(Instant, u32)>>,
}

impl Teller {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Event>) {
        let (events, reader) = mpsc::channel(WAITING_EVENTS_MAX);
        let teller = Self {
            events,
            shared: Arc::default(),
        };
        (teller, reader)
    }

    /// Tells without waiting; what cannot be told is counted, and the count is told.
    pub(crate) fn tell(&self, event: Event) {
        let missed = &self.shared.missed;
        if matches!(event, Event::Denied { .. }) && !self.shared.may_tell_denial() {
            missed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let events = missed.swap(0, Ordering::Relaxed);
        if events > 0 && self.events.try_send(Event::Missed { events }).is_err() {
            missed.fetch_add(events, Ordering::Relaxed);
        }
        if self.events.try_send(event).is_err() {
            missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn may_tell_denial(&self) -> bool {
        let mut denials = self.denials.lock().expect("nobody panics while holding it");
        let now = Instant::now();
        let (since, count) = match *denials {
            Some((since, count)) if now.duration_since(since) < SECOND => (since, count + 1),
            _ => (now, 1),
        };
        *denials = Some((since, count));
        count <= DENIALS_PER_SECOND_MAX
    }
}

/// Events that wait for their reader.
const WAITING_EVENTS_MAX: usize = 1024;

/// Denials come from strangers, and each would be a line in somebody's log.
const DENIALS_PER_SECOND_MAX: u32 = 10;

const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(connection: u64) -> Event {
        Event::Opened {
            connection,
            path: "/".to_owned(),
            way: "direct",
            why: "directly".to_owned(),
        }
    }

    #[test]
    fn a_reader_that_is_too_slow_is_told_so() {
        let (teller, mut reader) = Teller::new();
        for _ in 0..WAITING_EVENTS_MAX + 5 {
            teller.tell(opened(1));
        }
        for _ in 0..WAITING_EVENTS_MAX {
            reader.try_recv().unwrap();
        }
        teller.tell(opened(2));
        assert_eq!(reader.try_recv().unwrap(), Event::Missed { events: 5 });
        assert_eq!(reader.try_recv().unwrap(), opened(2));
    }

    #[test]
    fn a_stranger_writes_no_more_than_a_little() {
        let (teller, mut reader) = Teller::new();
        for status in 0..1000 {
            teller.tell(Event::Denied {
                status,
                why: String::new(),
            });
        }
        teller.tell(opened(1));
        let mut told = 0;
        let mut missed = 0;
        while let Ok(event) = reader.try_recv() {
            match event {
                Event::Denied { .. } => told += 1,
                Event::Missed { events } => missed += events,
                _ => {}
            }
        }
        assert_eq!(told + missed, 1000);
        assert!(told < 100, "{told}");
    }
}
