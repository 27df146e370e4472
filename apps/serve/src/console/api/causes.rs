//! The catalogue of causes, with who must change what.

use serde::Serialize;
use towpath_diagnosis::catalogue::{self, Kind, Layer, Remedy, Vantage};

/// A cause as a support person reads it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: &'static str,
    layer: Layer,
    title: &'static str,
    summary: &'static str,
    signs: &'static str,
    test: &'static str,
    neighbours: &'static [String],
    vantages: &'static [Vantage],
    kind: Kind,
    remedy: &'static Remedy,
}

/// All causes, in the catalogue's order.
pub(super) fn all() -> Vec<Entry> {
    let entry = |cause: &'static catalogue::Cause| Entry {
        id: &cause.id,
        layer: cause.layer,
        title: &cause.title,
        summary: &cause.summary,
        signs: &cause.signs,
        test: &cause.test,
        neighbours: &cause.neighbours,
        vantages: &cause.vantages,
        kind: cause.kind,
        remedy: &cause.remedy,
    };
    catalogue::all().iter().map(entry).collect()
}
