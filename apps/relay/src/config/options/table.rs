//! The table of all settings, in the order in which they are shown; one file for each part.

use super::{OptionDoc, Shown};

mod common;
mod irc;
mod kosmi;
mod link;
mod matterbridge;
mod webhook;

/// All settings, part by part.
const PARTS: [&[OptionDoc]; 6] = [
    common::ROWS,
    kosmi::ROWS,
    irc::ROWS,
    matterbridge::ROWS,
    webhook::ROWS,
    link::ROWS,
];

/// All settings.
pub fn options() -> impl Iterator<Item = &'static OptionDoc> {
    PARTS.into_iter().flatten()
}

const fn example(key: &'static str, value: &'static str, meaning: &'static str) -> OptionDoc {
    option(key, value, Shown::Example, meaning)
}

const fn default(key: &'static str, value: &'static str, meaning: &'static str) -> OptionDoc {
    option(key, value, Shown::Default, meaning)
}

const fn absent(key: &'static str, value: &'static str, meaning: &'static str) -> OptionDoc {
    option(key, value, Shown::Absent, meaning)
}

const fn option(
    key: &'static str,
    value: &'static str,
    shown: Shown,
    meaning: &'static str,
) -> OptionDoc {
    OptionDoc {
        key,
        value,
        shown,
        meaning,
    }
}
