//! What is wrong in a configuration, each with its place; all of them at once.
//!
//! It must never repeat the value of a secret.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1.
    pub line: usize,
    /// The character of the line, counted from 1.
    pub column: usize,
    /// What is wrong, with the key it is about, and what to write.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Collects mistakes while a text is read, and the options that were asked for.
#[derive(Debug)]
pub(super) struct Notes<'t> {
    text: &'t str,
    mistakes: RefCell<Vec<(usize, String)>>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'t> Notes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            mistakes: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    /// Something is wrong at this byte.
    pub(super) fn wrong(&self, byte: usize, message: impl Into<String>) {
        self.mistakes.borrow_mut().push((byte, message.into()));
    }

    /// An option was asked for; `key` is in the form of the table of options.
    pub(super) fn asked(&self, key: String) {
        self.asked.borrow_mut().insert(key);
    }

    /// Where below a kind of table a setting of this name belongs, if anywhere.
    pub(super) fn below(&self, kind: &str, key: &str) -> String {
        let asked = self.asked.borrow();
        let mut inner = asked.iter().filter_map(|option| {
            let table = option.strip_prefix(kind)?.strip_suffix(key)?;
            table.strip_prefix('.')?.strip_suffix('.')
        });
        let table = inner.next().filter(|_| !kind.is_empty());
        table.map_or_else(String::new, |table| {
            format!("; {key} belongs into the braces of one of its {table}")
        })
    }

    /// All options that were asked for, in the form of the table of options.
    #[cfg(test)]
    pub(super) fn all_asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// All mistakes, in the order of the text.
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let mut found = self.mistakes.borrow().clone();
        found.sort_by_key(|(byte, _)| *byte);
        found.dedup();
        found
            .into_iter()
            .map(|(byte, message)| self.placed(byte, message))
            .collect()
    }

    fn placed(&self, byte: usize, message: String) -> Mistake {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Mistake {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            message,
        }
    }
}
