//! A check as an HTTP archive (HAR 1.2), which browsers' developer tools open.
//!
//! Only observations are written, so nothing is in it that was removed before.

use serde_json::Value;
pub(crate) use towpath_diagnosis::har::time;

use crate::report::{Report, write_private};
use crate::usage::UsageError;

/// Writes the archive to a file that only its owner can read.
pub fn save(report: &Report, path: &str) -> Result<(), UsageError> {
    write_private("--har", path, &format!("{:#}", archive(report)))
}

/// The archive.
pub fn archive(report: &Report) -> Value {
    let started_s = report.target().map_or(0, |target| target.started_unix_s);
    towpath_diagnosis::har::archive(&report.observations, started_s.saturating_mul(1_000))
}

#[cfg(test)]
mod tests;
