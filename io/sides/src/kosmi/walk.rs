//! A walk back through a room's history, page by page. Pure.
//!
//! It must never go on without end: pages are bounded, and a cursor that was followed already ends the walk.

use towpath_chat::Message;

use super::timeline::mark;
use crate::order::Mark;

/// Pages of one walk. What lies beyond is missed, and said to be.
const PAGES_MAX: usize = 40;

/// A walk under way.
#[derive(Debug)]
pub(super) struct Walk {
    /// How far back; without one the newest page is enough.
    until: Option<Mark>,
    /// Pages so far, newest first, each oldest first.
    pages: Vec<Vec<Message>>,
    followed: Vec<String>,
}

/// What comes after a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The page behind this cursor is needed.
    Page(String),
    /// The walk is over.
    Over(Found),
}

/// What a walk found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Everything that was read, oldest first.
    pub(super) messages: Vec<Message>,
    /// Why the walk did not get to the mark.
    pub(super) missed: Option<&'static str>,
    until: Option<Mark>,
}

impl Found {
    /// The newest message of the history.
    pub(super) fn newest(&self) -> Option<Mark> {
        self.messages.last().map(mark)
    }

    /// Everything behind the mark, oldest first; what has the mark's second is in it, though some of it may be older.
    pub(super) fn behind(self) -> Vec<Message> {
        let mut messages = self.messages;
        if let Some(mark) = &self.until {
            messages.retain(|message| is_behind(message, mark));
        }
        messages
    }
}

impl Walk {
    /// A walk back to a mark.
    pub(super) fn new(until: Option<Mark>) -> Self {
        Self {
            until,
            pages: Vec::new(),
            followed: Vec::new(),
        }
    }

    /// Takes a page, oldest first, and the cursor of the page before it.
    pub(super) fn page(&mut self, page: Vec<Message>, older: Option<String>) -> Step {
        let arrived = match &self.until {
            None => true,
            Some(mark) => page.iter().any(|message| is_at_or_before(message, mark)),
        };
        let is_empty = page.is_empty();
        self.pages.push(page);
        if arrived {
            return self.over(None);
        }
        match older {
            Some(cursor) if !is_empty && !self.followed.contains(&cursor) => {
                if self.pages.len() >= PAGES_MAX {
                    return self.over(Some("more was said meanwhile than is read of a history"));
                }
                self.followed.push(cursor.clone());
                Step::Page(cursor)
            }
            _ => {
                let named = self.until.as_ref().is_some_and(|mark| mark.id.is_some());
                self.over(named.then_some("the history does not reach back to where it broke off"))
            }
        }
    }

    fn over(&mut self, missed: Option<&'static str>) -> Step {
        let mut messages: Vec<Message> = self.pages.drain(..).rev().flatten().collect();
        messages.sort_by_key(|message| message.at_unix_ms);
        Step::Over(Found {
            messages,
            missed,
            until: self.until.take(),
        })
    }
}

/// Whether the walk has got to the mark with this message.
fn is_at_or_before(message: &Message, mark: &Mark) -> bool {
    let same = mark.id.is_some() && message.id == mark.id;
    same || message.at_unix_ms < second(mark)
}

/// Histories give whole seconds, so within the mark's own second nobody knows what came first; whoever is told knows what it had.
fn is_behind(message: &Message, mark: &Mark) -> bool {
    let same = mark.id.is_some() && message.id == mark.id;
    !same && message.at_unix_ms >= second(mark)
}

fn second(mark: &Mark) -> i64 {
    mark.at_unix_ms - mark.at_unix_ms.rem_euclid(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kosmi::testing::said;

    fn until(id: Option<&str>, at_unix_ms: i64) -> Mark {
        Mark {
            id: id.map(str::to_owned),
            at_unix_ms,
        }
    }

    fn ids(step: Step) -> (Vec<String>, Option<&'static str>) {
        let Step::Over(found) = step else {
            panic!("{step:?}");
        };
        let missed = found.missed;
        let ids = found.behind().into_iter().filter_map(|message| message.id);
        (ids.collect(), missed)
    }

    #[test]
    fn it_goes_back_to_the_mark() {
        let mut walk = Walk::new(Some(until(Some("2"), 2_000)));
        let newest = vec![said("4", 4_000), said("5", 5_000)];
        assert_eq!(
            walk.page(newest, Some("c".to_owned())),
            Step::Page("c".to_owned())
        );
        let older = vec![said("1", 1_000), said("2", 2_000), said("3", 3_000)];
        let (ids, missed) = ids(walk.page(older, Some("d".to_owned())));
        assert_eq!(ids, ["3", "4", "5"]);
        assert_eq!(missed, None);
    }

    #[test]
    fn a_mark_that_was_deleted_is_found_by_its_time() {
        let mut walk = Walk::new(Some(until(Some("2"), 2_000)));
        let page = vec![said("1", 1_000), said("2b", 2_000), said("3", 3_000)];
        assert_eq!(
            ids(walk.page(page, None)),
            (vec!["2b".to_owned(), "3".to_owned()], None)
        );
    }

    #[test]
    fn a_history_that_is_too_short_is_said_to_be() {
        let mut walk = Walk::new(Some(until(Some("2"), 2_000)));
        let (ids, missed) = ids(walk.page(vec![said("9", 9_000)], None));
        assert_eq!(ids, ["9"]);
        assert!(missed.is_some_and(|why| why.contains("does not reach")));
    }

    #[test]
    fn a_room_that_was_empty_misses_nothing() {
        let mut walk = Walk::new(Some(until(None, 2_000)));
        assert_eq!(
            ids(walk.page(vec![said("9", 9_000)], None)),
            (vec!["9".to_owned()], None)
        );
    }

    #[test]
    fn it_ends_where_a_server_leads_in_a_circle_or_on_and_on() {
        let mut circle = Walk::new(Some(until(Some("2"), 2_000)));
        let page = || vec![said("9", 9_000)];
        assert_eq!(
            circle.page(page(), Some("c".to_owned())),
            Step::Page("c".to_owned())
        );
        assert!(matches!(
            circle.page(page(), Some("c".to_owned())),
            Step::Over(_)
        ));
        let mut endless = Walk::new(Some(until(Some("2"), 2_000)));
        let steps = (0..PAGES_MAX).map(|n| endless.page(page(), Some(n.to_string())));
        let (_, missed) = ids(steps.last().unwrap());
        assert!(missed.is_some());
    }
}
