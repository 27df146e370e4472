//! One table of the configuration, read key by key; whatever is wrong is noted and the reading goes on.
//!
//! It knows no option by itself: what is asked for exists, and everything else in the table is told as unknown.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Notes;
use super::nearest::nearest;
use super::span;

/// One table.
#[derive(Debug)]
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    /// As the text names it: `irc.libera`.
    path: String,
    /// As the table of options names it: `irc.NAME`.
    kind: String,
    place: usize,
    asked: RefCell<Vec<String>>,
    notes: &'t Notes<'t>,
}

impl<'t> Section<'t> {
    /// The whole text.
    pub(super) fn root(table: &'t DeTable<'t>, notes: &'t Notes<'t>) -> Self {
        Self {
            table,
            path: String::new(),
            kind: String::new(),
            place: 0,
            asked: RefCell::default(),
            notes,
        }
    }

    /// Something is wrong with a key, or with the whole table where it has no such key.
    pub(super) fn wrong(&self, key: &str, message: &str) {
        let place = self
            .value(key)
            .map_or(self.place, |value| value.span().start);
        let path = join(&self.path, key);
        self.notes.wrong(place, format!("{path}: {message}"));
    }

    /// Something is wrong with the table.
    pub(super) fn wrong_whole(&self, message: &str) {
        self.notes
            .wrong(self.place, format!("{}: {message}", self.path));
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.ask(key).is_some()
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        let value = self.ask(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(key, "write a text, between quotes");
        }
        text
    }

    /// A text that means something; what it cannot mean is a mistake.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text(key)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(key, &error.to_string());
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<String> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            let message = format!("\"{text}\" is none of {}", known.join(", "));
            self.wrong(key, &message);
        }
        found.map(|(_, value)| *value)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.ask(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(key, "write true or false, without quotes");
        }
        flag
    }

    /// A whole number.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.ask(key)?;
        let number = value.get_ref().as_integer().and_then(|number| {
            let digits = number.as_str().replace('_', "");
            u64::from_str_radix(&digits, number.radix()).ok()
        });
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.wrong(key, &format!("write a whole number from {least} to {most}"));
        }
        number
    }

    /// A span of time, written with its unit.
    pub(super) fn span(&self, key: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let wrong = |what: &str| {
            let (least, most) = (span::written(*range.start()), span::written(*range.end()));
            self.wrong(
                key,
                &format!("{what}; write a time from \"{least}\" to \"{most}\""),
            );
        };
        let value = self.ask(key)?;
        let Some(text) = value.get_ref().as_str() else {
            wrong("a time has a unit and stands between quotes, such as \"30 s\" or \"24 h\"");
            return None;
        };
        match span::read(text) {
            None => wrong(&format!(
                "\"{text}\" is no time such as \"30 s\" or \"24 h\""
            )),
            Some(span) if !range.contains(&span) => wrong(&format!("\"{text}\" is out of bounds")),
            Some(span) => return Some(span),
        }
        None
    }

    /// A list of texts; empty where the key is not there.
    pub(super) fn texts(&self, key: &str) -> Vec<&'t str> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(key, "write a list of texts, such as [\"one\", \"two\"]");
            return Vec::new();
        };
        let texts = list.iter().filter_map(|one| {
            let text = one.get_ref().as_str();
            if text.is_none() {
                let message = format!("{}: this is no text", join(&self.path, key));
                self.notes.wrong(one.span().start, message);
            }
            text
        });
        texts.collect()
    }

    /// A table inside.
    pub(super) fn section(&self, key: &str) -> Option<Self> {
        let value = self.ask(key)?;
        let inner = value.get_ref().as_table();
        if inner.is_none() {
            self.wrong(key, "this is a table of settings");
        }
        Some(self.inner(
            inner?,
            join(&self.path, key),
            join(&self.kind, key),
            value.span().start,
        ))
    }

    /// All tables in a table of names: `[irc.libera]` and its like.
    pub(super) fn named(&self, key: &str) -> Vec<(&'t str, Self)> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let Some(names) = value.get_ref().as_table() else {
            self.wrong(
                key,
                &format!("give it a name: [{}.NAME]", join(&self.path, key)),
            );
            return Vec::new();
        };
        let kind = join(&join(&self.kind, key), "NAME");
        let sections = names.iter().filter_map(|(name, value)| {
            let path = join(&join(&self.path, key), name.get_ref());
            let Some(inner) = value.get_ref().as_table() else {
                let message = format!(
                    "{path}: give a name first: [{}.NAME]",
                    join(&self.path, key)
                );
                self.notes.wrong(name.span().start, message);
                return None;
            };
            let section = self.inner(inner, path, kind.clone(), name.span().start);
            Some((name.get_ref().as_ref(), section))
        });
        sections.collect()
    }

    /// All keys with their texts, whatever their names.
    pub(super) fn entries(&self) -> Vec<(&'t str, &'t str)> {
        let entries = self.table.iter().filter_map(|(name, value)| {
            let text = value.get_ref().as_str();
            if text.is_none() {
                let path = join(&self.path, name.get_ref());
                let message = format!("{path}: write a text, between quotes");
                self.notes.wrong(value.span().start, message);
            }
            Some((name.get_ref().as_ref(), text?))
        });
        entries.collect()
    }

    /// All tables in a list: `[[link]]`.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(key, "this is a list of tables");
            return Vec::new();
        };
        let sections = list.iter().enumerate().filter_map(|(at, one)| {
            let path = format!("{}[{at}]", join(&self.path, key));
            let Some(inner) = one.get_ref().as_table() else {
                self.notes.wrong(
                    one.span().start,
                    format!("{path}: this is a table of settings"),
                );
                return None;
            };
            Some(self.inner(inner, path, join(&self.kind, key), one.span().start))
        });
        sections.collect()
    }

    /// Tells of every key that nobody asked for. It is called when all was asked for.
    pub(super) fn end(&self) {
        let asked = self.asked.borrow();
        for name in self.table.keys() {
            let key = name.get_ref().as_ref();
            if asked.iter().any(|known| known == key) {
                continue;
            }
            let path = join(&self.path, key);
            let message = match nearest(key, asked.iter().map(String::as_str)) {
                Some(meant) => format!("{path}: there is no such setting; did you mean {meant}?"),
                None => format!(
                    "{path}: there is no such setting; there are {}{}",
                    asked.join(", "),
                    self.notes.below(&self.kind, key)
                ),
            };
            self.notes.wrong(name.span().start, message);
        }
    }

    fn inner(&self, table: &'t DeTable<'t>, path: String, kind: String, place: usize) -> Self {
        Self {
            table,
            path,
            kind,
            place,
            asked: RefCell::default(),
            notes: self.notes,
        }
    }

    fn ask(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        if !self.asked.borrow().iter().any(|known| known == key) {
            self.asked.borrow_mut().push(key.to_owned());
            self.notes.asked(join(&self.kind, key));
        }
        self.value(key)
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }
}

fn join(before: &str, key: &str) -> String {
    if before.is_empty() {
        key.to_owned()
    } else {
        format!("{before}.{key}")
    }
}
