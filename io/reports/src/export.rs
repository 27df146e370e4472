//! A case as it is written out: also a saved report, so that `towpath explain` reads it.
//!
//! Nothing is in it that is not in the case.

use serde::Serialize;
use towpath_diagnosis::observation::SCHEMA_VERSION;

use crate::case::Case;

/// A case with the heading of a saved report. One line of an NDJSON export is one of these.
#[derive(Debug, Serialize)]
pub struct Exported<'a> {
    schema_version: u32,
    tool: &'static str,
    requests: u32,
    elapsed_ms: u64,
    #[serde(flatten)]
    case: &'a Case,
}

impl Case {
    /// The case with the heading of a saved report.
    pub fn exported(&self) -> Exported<'_> {
        Exported {
            schema_version: SCHEMA_VERSION,
            tool: concat!("towpath ", env!("CARGO_PKG_VERSION")),
            requests: 0,
            elapsed_ms: self.updated_unix_ms.saturating_sub(self.started_unix_ms),
            case: self,
        }
    }

    /// The case as one line of an NDJSON export, with its line break.
    pub fn line(&self) -> String {
        let mut line =
            serde_json::to_string(&self.exported()).expect("the model has only string keys");
        line.push('\n');
        line
    }
}
