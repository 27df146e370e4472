//! From the relay to whoever reads its events, without waiting.

use tokio::sync::mpsc;

use super::Event;

/// Where the relay tells.
#[derive(Debug)]
pub(crate) struct Teller {
    events: mpsc::Sender<Event>,
    skipped: u64,
}

impl Teller {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Event>) {
        let (events, reader) = mpsc::channel(WAITING_EVENTS_MAX);
        (Self { events, skipped: 0 }, reader)
    }

    /// Tells without waiting; what cannot be told is counted, and the count is told.
    pub(crate) fn tell(&mut self, event: Event) {
        if self.skipped > 0 {
            let skipped = Event::Skipped {
                events: self.skipped,
            };
            if self.events.try_send(skipped).is_ok() {
                self.skipped = 0;
            }
        }
        if self.events.try_send(event).is_err() {
            self.skipped += 1;
        }
    }
}

/// Events that wait for their reader.
const WAITING_EVENTS_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_is_too_slow_is_told_so() {
        let (mut teller, mut reader) = Teller::new();
        for _ in 0..WAITING_EVENTS_MAX + 5 {
            teller.tell(Event::Ending);
        }
        for _ in 0..WAITING_EVENTS_MAX {
            reader.try_recv().unwrap();
        }
        teller.tell(Event::Ending);
        assert_eq!(reader.try_recv(), Ok(Event::Skipped { events: 5 }));
        assert_eq!(reader.try_recv(), Ok(Event::Ending));
    }
}
