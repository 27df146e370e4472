//! `towpath explain`: what a file from elsewhere says, judged by the rules of this program.
//!
//! Recognises a file by what it holds and not by its name. Nothing is sent.

use crate::report::Report;
use crate::request::file;
use crate::usage::UsageError;

pub(crate) mod har;
mod net_error;
mod net_export;
mod recorded;

use recorded::Recorded;

/// A judged file.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// What the file says.
    pub report: Report,
    /// What the reader should know of the choice that was made, where there was one.
    pub note: Option<String>,
}

/// Reads and judges a file. `wanted` is part of the address where the file holds several WebSockets.
pub fn file(path: &str, wanted: Option<&str>) -> Result<Explained, UsageError> {
    let text = file::text("explain", path, file::LARGE_BYTES_MAX)?;
    parse(path, &text, wanted)
}

/// Reads and judges text; `path` names it in errors.
pub fn parse(path: &str, text: &str, wanted: Option<&str>) -> Result<Explained, UsageError> {
    let text = text.trim_start_matches('\u{feff}');
    let wrong = |problem: String| UsageError::Content {
        path: path.to_owned(),
        problem,
    };
    let recorded = if net_export::is_one(text) {
        net_export::read(text).map_err(wrong)?
    } else if har::is_one(text) {
        har::read(text).map_err(wrong)?
    } else {
        let report = Report::parse(path, text)?.judged_again();
        return Ok(Explained { report, note: None });
    };
    let all = recorded.len();
    let matching: Vec<Recorded> = recorded
        .into_iter()
        .filter(|one| wanted.is_none_or(|wanted| one.url.contains(wanted)))
        .collect();
    let count = matching.len();
    let chosen = choose(matching).ok_or_else(|| {
        wrong(format!(
            "none of its {all} WebSockets has `{}` in its address",
            wanted.unwrap_or_default()
        ))
    })?;
    let note = (count > 1).then(|| {
        format!(
            "{path} holds {count} WebSockets; this is {}. Choose another by --url TEXT.",
            recorded::shown(&chosen.url)
        )
    });
    let observations = chosen.observations().map_err(wrong)?;
    Ok(Explained {
        report: Report::of(observations),
        note,
    })
}

/// The first that failed, else the first.
fn choose(mut recorded: Vec<Recorded>) -> Option<Recorded> {
    if recorded.is_empty() {
        return None;
    }
    let at = recorded.iter().position(Recorded::failed).unwrap_or(0);
    Some(recorded.swap_remove(at))
}

#[cfg(test)]
mod tests;
