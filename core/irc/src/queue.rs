//! Lines that wait to leave. It must never let a message pass another one of the same queue.

use std::collections::VecDeque;

use crate::flood::Bucket;
use crate::settings::Flood;

/// What a line costs, in hundredths of a message.
const CHEAP: u16 = 25;
const FULL: u16 = 100;

/// A line that waits.
struct Waiting {
    line: String,
    /// The message that it carries.
    key: Option<u64>,
    /// Its number among all lines that waited.
    number: u64,
}

/// Lines that wait: those that no limit may hold up, and the others.
pub(crate) struct Queue {
    urgent: VecDeque<String>,
    waiting: VecDeque<Waiting>,
    bucket: Bucket,
    last: u64,
}

/// A line that leaves, and the message that it carries.
pub(crate) type Leaving = (String, Option<u64>);

impl Queue {
    pub(crate) fn new(flood: Flood) -> Self {
        Self {
            urgent: VecDeque::new(),
            waiting: VecDeque::new(),
            bucket: Bucket::new(flood),
            last: 0,
        }
    }

    /// A line that leaves first, whatever the limit: answers to the server, and the registration.
    pub(crate) fn urgent(&mut self, line: String) {
        self.urgent.push_back(line);
    }

    /// A line that waits its turn. Gives its number.
    pub(crate) fn push(&mut self, line: String, key: Option<u64>) -> u64 {
        self.last += 1;
        let number = self.last;
        self.waiting.push_back(Waiting { line, key, number });
        number
    }

    /// Whether the line of this number still waits.
    pub(crate) fn holds(&self, number: u64) -> bool {
        self.waiting.iter().any(|waiting| waiting.number == number)
    }

    /// What may leave now.
    pub(crate) fn pop(&mut self, now: i64) -> Option<Leaving> {
        if let Some(line) = self.urgent.pop_front() {
            self.bucket.spend(now, CHEAP);
            return Some((line, None));
        }
        if self.bucket.free_at(now) > now {
            return None;
        }
        let next = self.waiting.pop_front()?;
        let cost = if next.key.is_some() { FULL } else { CHEAP };
        self.bucket.spend(now, cost);
        Some((next.line, next.key))
    }

    /// Takes a message back that has not left.
    pub(crate) fn withdraw(&mut self, key: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.key != Some(key));
        before != self.waiting.len()
    }

    /// When something may leave, where something waits.
    pub(crate) fn free_at(&self, now: i64) -> Option<i64> {
        if !self.urgent.is_empty() {
            return Some(now);
        }
        let waits = !self.waiting.is_empty();
        waits.then(|| self.bucket.free_at(now))
    }

    /// Lines that wait.
    pub(crate) fn len(&self) -> usize {
        self.urgent.len() + self.waiting.len()
    }
}

// Lines hold passwords.
impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} lines)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_pass_messages_that_have_to_wait() {
        let mut queue = Queue::new(Flood {
            burst: 1,
            every_ms: 2_000,
        });
        queue.push("PRIVMSG 1".to_owned(), Some(1));
        queue.push("PRIVMSG 2".to_owned(), Some(2));
        assert_eq!(queue.pop(0), Some(("PRIVMSG 1".to_owned(), Some(1))));
        assert_eq!(queue.pop(0), None);
        queue.urgent("PONG".to_owned());
        assert_eq!(queue.pop(0), Some(("PONG".to_owned(), None)));
        let free = queue.free_at(0).unwrap();
        assert_eq!(queue.pop(free - 1), None);
        assert_eq!(queue.pop(free), Some(("PRIVMSG 2".to_owned(), Some(2))));
        assert_eq!(queue.free_at(free), None);
    }

    #[test]
    fn a_message_that_has_not_left_can_be_taken_back() {
        let mut queue = Queue::new(Flood {
            burst: 1,
            every_ms: 2_000,
        });
        queue.push("PRIVMSG 1".to_owned(), Some(1));
        assert!(queue.withdraw(1));
        assert!(!queue.withdraw(1));
        assert_eq!(queue.len(), 0);
    }
}
