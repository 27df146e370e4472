//! The tables of the sides, one file a kind: what the text says becomes the settings that the side knows.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use towpath_chat::FormatSettings;
use towpath_reach::Via;
use towpath_sides::Network;
use url::Url;

use super::section::Section;
use super::source::Source;
use super::{formats, network};
use crate::kinds::Labelled;
use crate::plan::SideKind;

mod irc;
mod kosmi;
mod matterbridge;
mod webhook;

/// One side of a configuration.
#[derive(Debug)]
pub(super) struct ReadSide {
    pub(super) kind: Arc<dyn SideKind>,
    pub(super) formats: FormatSettings,
    /// Whether nothing can ever be read from it.
    pub(super) only_writes: bool,
    /// A room by the side's own name for it, as it is written; else why it cannot be one.
    pub(super) room: fn(&str) -> Result<String, String>,
}

/// One side's table, with what is read alike for all kinds.
struct Table<'r, 't> {
    /// The side's whole name, `irc.libera`.
    name: String,
    section: &'r Section<'t>,
    source: &'r Source<'r>,
    network: Network,
    label: Option<String>,
    /// Where tokens of web applications are kept.
    tokens: &'r Path,
}

/// The sides of a configuration by their whole names; nothing for those that have mistakes, which were told.
pub(super) type Sides = BTreeMap<String, Option<ReadSide>>;

/// All sides.
pub(super) fn read(root: &Section<'_>, source: &Source<'_>, all: &Network, tokens: &Path) -> Sides {
    let mut sides = BTreeMap::new();
    for (kind, read) in KINDS {
        for (name, section) in root.named(kind) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            if name.is_empty() || !name.chars().all(plain) {
                section.wrong_whole("a side's name has letters, digits, - and _ only");
            }
            let label = section.text("label");
            let table = Table {
                name: format!("{kind}.{name}"),
                section: &section,
                source,
                network: network::of_side(&section, source, all),
                label: label.map(str::to_owned),
                tokens,
            };
            let formats = formats::read(&section);
            let side = read(&table);
            section.end();
            let side = side.map(|side| ReadSide { formats, ..side });
            sides.insert(table.name, side);
        }
    }
    sides
}

type Read = fn(&Table<'_, '_>) -> Option<ReadSide>;

/// The kinds of sides there are.
const KINDS: [(&str, Read); 4] = [
    ("kosmi", kosmi::read),
    ("irc", irc::read),
    ("matterbridge", matterbridge::read),
    ("webhook", webhook::read),
];

impl Table<'_, '_> {
    /// The side that these settings make.
    fn side<S>(&self, settings: S, room: fn(&str) -> Result<String, String>) -> ReadSide
    where
        Labelled<S>: SideKind,
    {
        let label = self.label.clone();
        ReadSide {
            kind: Arc::new(Labelled { settings, label }),
            formats: FormatSettings::default(),
            only_writes: false,
            room,
        }
    }

    /// An address of one of these schemes.
    fn url(&self, key: &str, schemes: [&str; 2]) -> Option<Url> {
        self.section.parsed(key, |text| url(text, schemes))
    }

    /// By which way to reach the other end.
    fn via(&self, via: &mut Via) {
        let words = [
            ("auto", Via::Auto),
            ("direct", Via::Direct),
            ("proxy", Via::Proxy),
            ("gateway", Via::Gateway),
            ("browser", Via::Browser),
        ];
        if let Some(named) = self.section.choice("via", &words) {
            *via = named;
        }
    }
}

/// Reads spans of time, each with its key, into where they belong.
fn times(section: &Section<'_>, spans: &mut [(&str, &mut Duration)]) {
    for (key, span) in spans {
        if let Some(read) = section.span(key, WAITS) {
            **span = read;
        }
    }
}

/// An address of one of these schemes, without a login in it.
fn url(text: &str, schemes: [&str; 2]) -> Result<Url, String> {
    let example = || format!("write for example {}://host/path", schemes[0]);
    let url =
        Url::parse(text).map_err(|error| format!("this is no URL: {error}; {}", example()))?;
    if !schemes.contains(&url.scheme()) {
        return Err(format!(
            "it begins with {}:// or {}://; {}",
            schemes[0],
            schemes[1],
            example()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a login stands in a file of its own, not in the URL".to_owned());
    }
    Ok(url)
}

/// Any text without control characters is a room.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other kinds have names that cannot be rooms"
)]
fn any_room(name: &str) -> Result<String, String> {
    Ok(name.to_owned())
}

/// What a wait may be.
const WAITS: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_hours(24);
