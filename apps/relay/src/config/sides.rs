//! The tables of the sides, one file a kind: what the text says becomes the settings that the side knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use towpath_chat::FormatSettings;
use towpath_sides::Network;

use super::section::Section;
use super::source::Source;
use super::{formats, network};
use crate::plan::SideKind;

/// One side of a configuration.
#[derive(Debug)]
pub(super) struct ReadSide {
    pub(super) kind: Arc<dyn SideKind>,
    pub(super) formats: FormatSettings,
    /// Whether nothing can ever be read from it.
    pub(super) only_writes: bool,
    /// Whether a name can be one of its rooms; else why not.
    pub(super) fits: fn(&str) -> Result<(), &'static str>,
}

/// What the files of the kinds are given.
pub(super) struct Table<'r, 't> {
    /// The side's whole name, `irc.libera`.
    pub(super) name: String,
    pub(super) section: &'r Section<'t>,
    pub(super) source: &'r Source<'r>,
    pub(super) network: Network,
}

/// All sides, by their whole names. Those with mistakes are left out.
pub(super) fn read(
    root: &Section<'_>,
    source: &Source<'_>,
    all: &Network,
) -> BTreeMap<String, ReadSide> {
    let mut sides = BTreeMap::new();
    for (kind, read) in KINDS {
        for (name, section) in root.named(kind) {
            if !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            {
                section.wrong_whole("a side's name has letters, digits, - and _ only");
            }
            let table = Table {
                name: format!("{kind}.{name}"),
                section: &section,
                source,
                network: network::of_side(&section, source, all),
            };
            let formats = formats::read(&section);
            let side = read(&table);
            section.end();
            if let Some(side) = side {
                sides.insert(table.name, ReadSide { formats, ..side });
            }
        }
    }
    sides
}

type Read = fn(&Table<'_, '_>) -> Option<ReadSide>;

/// The kinds of sides there are.
const KINDS: [(&str, Read); 0] = [];
