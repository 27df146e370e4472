//! Settings of links and their members.

use super::{absent, default, example};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    example(
        "link.name",
        "\"lounge\"",
        "Its name, in status and metrics.",
    ),
    absent(
        "link.members.format",
        "\"<{nick}> {text}\"",
        "How it is told what was said elsewhere; short for formats.text.",
    ),
    absent(
        "link.members.formats",
        "{ join = \"\", leave = \"\" }",
        "Any of [formats].",
    ),
    absent(
        "link.members.ignore",
        "[\"spambot\", \"bridge*\"]",
        "Names whose sayings here are told nowhere; * stands for anything.",
    ),
    default(
        "link.members.direction",
        "\"both\"",
        "\"both\", \"read\" (it is read and told nothing) or \"write\" (it is told and never read).",
    ),
    default("link.members.uncertain", "\"repeat\"", "As in [delivery]."),
    default("link.members.age_max", "\"24 h\"", "As in [delivery]."),
    default("link.members.queue_max", "10000", "As in [delivery]."),
];
