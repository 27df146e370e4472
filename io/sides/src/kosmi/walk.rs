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
    until: Option<Until>,
    /// Whether this server gives the newest first, where that was seen.
    newest_first: Option<bool>,
    /// Pages so far, newest first.
    pages: Vec<Page>,
    followed: Vec<String>,
}

/// How far back a walk goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Until {
    /// The message that it goes back to.
    pub(super) mark: Mark,
    /// How much further, in milliseconds: what was said before the mark may have been missed all the same.
    pub(super) slack_ms: i64,
}

/// One page of the history.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    messages: Vec<Message>,
    /// Whether the server gave the newest first.
    newest_first: Option<bool>,
    /// Whether the messages stand as the server gave them, and not oldest first.
    is_as_it_came: bool,
    /// Where the page before it is.
    older: Option<String>,
}

impl Page {
    /// Messages, oldest first, and whether the server gave them the other way; where all have the same second that is not known, and
    /// they are left as they came.
    pub(super) fn new(
        messages: Vec<Message>,
        newest_first: Option<bool>,
        older: Option<String>,
    ) -> Self {
        Self {
            messages,
            is_as_it_came: newest_first.is_none(),
            newest_first,
            older,
        }
    }

    /// Oldest first; a page that does not tell its direction itself runs as the others do.
    fn in_order(self, others: Option<bool>) -> Vec<Message> {
        let mut messages = self.messages;
        if self.is_as_it_came && self.newest_first.or(others) == Some(true) {
            messages.reverse();
        }
        messages
    }
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
    /// Whether this server gives the newest first, where that was seen.
    pub(super) newest_first: Option<bool>,
    until: Option<Until>,
}

impl Found {
    /// The newest message of the history.
    pub(super) fn newest(&self) -> Option<Mark> {
        self.messages.last().map(mark)
    }

    /// Everything behind the mark, oldest first, and as far before the mark's second as there is slack. Where the mark itself is gone,
    /// all of its second is in it, though some of that may be older. Where nothing told which way the history runs, since all of it was
    /// said in one second, it is taken to run forwards: what was said before the first start could not be told from what is new otherwise.
    pub(super) fn behind(self) -> Vec<Message> {
        let Some(until) = &self.until else {
            return self.messages;
        };
        let place = self
            .messages
            .iter()
            .position(|message| until.is_it(message));
        let marked = until.marked_second();
        let messages = self.messages.into_iter().enumerate();
        let behind = messages.filter(|(at, message)| match place {
            Some(place) if *at <= place && message.at_unix_ms >= marked => false,
            _ => message.at_unix_ms >= marked.saturating_sub(until.slack_ms),
        });
        behind.map(|(_, message)| message).collect()
    }
}

impl Until {
    /// Back to a mark and no further.
    pub(super) fn mark(mark: Mark) -> Self {
        Self { mark, slack_ms: 0 }
    }

    fn is_it(&self, message: &Message) -> bool {
        self.mark.id.is_some() && message.id == self.mark.id
    }

    /// Whether the walk has got there with this message.
    fn is_reached_by(&self, message: &Message) -> bool {
        let earliest = self.marked_second().saturating_sub(self.slack_ms);
        message.at_unix_ms < earliest || self.slack_ms == 0 && self.is_it(message)
    }

    /// The mark's second: histories know no finer times.
    fn marked_second(&self) -> i64 {
        let at = self.mark.at_unix_ms;
        at - at.rem_euclid(1_000)
    }
}

impl Walk {
    /// A walk back; without an aim the newest page is enough. `newest_first` is what an earlier walk has seen.
    pub(super) fn new(until: Option<Until>, newest_first: Option<bool>) -> Self {
        Self {
            until,
            newest_first,
            pages: Vec::new(),
            followed: Vec::new(),
        }
    }

    /// Takes a page. `known` are messages that were told before: where times do not tell which way a page runs, they do.
    pub(super) fn page(&mut self, mut page: Page, known: impl Fn(&Message) -> bool) -> Step {
        if page.newest_first.is_some() {
            self.newest_first = page.newest_first;
        } else {
            page.newest_first = direction(&page.messages, known);
            // Of one server all pages run alike; times, where they tell, are the better witness.
            self.newest_first = self.newest_first.or(page.newest_first);
        }
        let reached = match &self.until {
            None => true,
            Some(until) => page
                .messages
                .iter()
                .any(|message| until.is_reached_by(message)),
        };
        let (is_empty, older) = (page.messages.is_empty(), page.older.take());
        self.pages.push(page);
        if reached {
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
            _ => self.over(Some(
                "the history does not reach back to where it broke off",
            )),
        }
    }

    /// `short` says why it ended before its aim.
    fn over(&mut self, short: Option<&'static str>) -> Step {
        let newest_first = self.newest_first;
        let pages = self.pages.drain(..).rev();
        let mut messages: Vec<Message> =
            pages.flat_map(|page| page.in_order(newest_first)).collect();
        messages.sort_by_key(|message| message.at_unix_ms);
        let until = self.until.take();
        let aim = until.as_ref().filter(|until| until.mark.id.is_some());
        let is_missed =
            aim.is_some_and(|until| !messages.iter().any(|message| until.is_it(message)));
        Step::Over(Found {
            messages,
            missed: short.filter(|_| is_missed),
            newest_first,
            until,
        })
    }
}

/// Whether the newest comes first in a page, where what is known stands on one side and what is not on the other.
fn direction(messages: &[Message], known: impl Fn(&Message) -> bool) -> Option<bool> {
    let known: Vec<bool> = messages.iter().map(known).collect();
    let (first, last) = (*known.first()?, *known.last()?);
    let changes = known.windows(2).filter(|pair| pair[0] != pair[1]).count();
    (changes == 1).then_some(last && !first)
}

#[cfg(test)]
mod tests;
