//! `towpath explain`: what a file from elsewhere says, judged by the rules of this program.
//!
//! Recognises a file by what it holds and not by its name. Nothing is sent.

use crate::report::Report;
use crate::request::file;
use crate::usage::UsageError;

/// Reads and judges a file. `wanted` is part of the address where the file holds several WebSockets.
pub fn file(path: &str, wanted: Option<&str>) -> Result<Report, UsageError> {
    let text = file::text("explain", path, file::LARGE_BYTES_MAX)?;
    parse(path, &text, wanted)
}

/// Reads and judges text; `path` names it in errors.
pub fn parse(path: &str, text: &str, _wanted: Option<&str>) -> Result<Report, UsageError> {
    Report::parse(path, text).map(Report::judged_again)
}
