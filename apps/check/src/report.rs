//! A check's report: what was measured and what it came to, to be kept and judged again.
//!
//! The observations are the report; the diagnosis in it is only what the rules of that day said.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use towpath_diagnosis::engine::Diagnosis;
use towpath_diagnosis::observation::{SCHEMA_VERSION, Target};
use towpath_diagnosis::{Fact, Observation, Verdict, diagnose};

use crate::request::file;
use crate::run::{CutShort, Run};
use crate::usage::UsageError;

/// A saved check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the observation model that the report is written in.
    pub schema_version: u32,
    /// The program that wrote it, for example `towpath 0.1.0`.
    pub tool: String,
    /// How many requests the target got.
    pub requests: u32,
    /// How long the check took, in milliseconds.
    pub elapsed_ms: u64,
    /// Why the check ended early, if it did.
    #[serde(default)]
    pub cut_short: Option<CutShort>,
    /// What was measured, in order.
    pub observations: Vec<Observation>,
    /// What it came to.
    pub diagnosis: Diagnosis,
}

impl From<Run> for Report {
    fn from(run: Run) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: TOOL.to_owned(),
            requests: run.requests,
            elapsed_ms: run.elapsed_ms,
            cut_short: run.cut_short,
            diagnosis: judge(&run.observations, run.cut_short),
            observations: run.observations,
        }
    }
}

impl Report {
    /// A report of observations that were made elsewhere, judged now.
    pub fn of(observations: Vec<Observation>) -> Self {
        Self::from(Run {
            requests: 0,
            elapsed_ms: observations.iter().map(|one| one.at_ms).max().unwrap_or(0),
            cut_short: None,
            observations,
        })
    }

    /// The same report, judged by the rules of this program.
    #[must_use]
    pub fn judged_again(mut self) -> Self {
        self.diagnosis = judge(&self.observations, self.cut_short);
        self
    }

    /// What was checked.
    pub fn target(&self) -> Option<&Target> {
        self.observations.iter().find_map(|one| match &one.fact {
            Fact::Target(target) => Some(target),
            _ => None,
        })
    }

    /// The exit status that the verdict stands for: 0 healthy, 1 fault, 3 cannot tell.
    pub fn exit_status(&self) -> u8 {
        match self.diagnosis.verdict {
            Verdict::Healthy => 0,
            Verdict::Fault => 1,
            Verdict::CannotTell => 3,
        }
    }

    /// Writes the report to a file that only its owner can read.
    pub fn save(&self, path: &str) -> Result<(), UsageError> {
        let text = serde_json::to_string_pretty(self).expect("the model has only string keys");
        write_private("--save", path, &text)
    }

    /// Reads a saved report, or the lines that `--json` printed.
    pub fn load(path: &str) -> Result<Self, UsageError> {
        Self::parse(path, &file::text("report", path, file::LARGE_BYTES_MAX)?)
    }

    /// Reads a report's text; `path` names it in errors.
    pub fn parse(path: &str, text: &str) -> Result<Self, UsageError> {
        let wrong = |problem: String| UsageError::Content {
            path: path.to_owned(),
            problem,
        };
        if text.trim().is_empty() {
            return Err(wrong("the file is empty".to_owned()));
        }
        if is_lines(text) {
            return from_lines(text).map_err(wrong);
        }
        if let Some(count) = several(text) {
            return Err(wrong(format!(
                "it holds {count} cases, one a line; save the line of one of them as a file of its own"
            )));
        }
        let heading: Heading =
            serde_json::from_str(text).map_err(|error| wrong(explain(&error)))?;
        match heading.schema_version {
            Some(SCHEMA_VERSION) => {}
            Some(other) => {
                return Err(wrong(format!(
                    "it is a report of version {other}; this program reads version {SCHEMA_VERSION}"
                )));
            }
            None => {
                return Err(wrong(
                    "it is not a report of `towpath check --save`".to_owned(),
                ));
            }
        }
        let report: Self = serde_json::from_str(text).map_err(|error| wrong(explain(&error)))?;
        if report.target().is_none() {
            return Err(wrong("the report does not say what was checked".to_owned()));
        }
        Ok(report)
    }
}

/// The diagnosis; a check that was cut short has not seen enough to call anything healthy.
fn judge(observations: &[Observation], cut_short: Option<CutShort>) -> Diagnosis {
    let mut diagnosis = diagnose(observations);
    if cut_short.is_some() && diagnosis.verdict == Verdict::Healthy {
        diagnosis.verdict = Verdict::CannotTell;
    }
    diagnosis
}

/// What a report is recognised by.
#[derive(Deserialize)]
struct Heading {
    #[serde(default)]
    schema_version: Option<u32>,
}

/// One line of `--json` as far as it is read back.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Observation(Box<Observation>),
    Verdict {
        schema_version: u32,
        #[serde(default)]
        requests: u32,
        #[serde(default)]
        elapsed_ms: u64,
    },
}

/// How many cases a gateway's export holds, if it holds more than one.
fn several(text: &str) -> Option<usize> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first: Heading = serde_json::from_str(lines.next()?).ok()?;
    let more = lines.count();
    (first.schema_version.is_some() && more > 0).then_some(more + 1)
}

fn is_lines(text: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| line.starts_with("{\"type\":\"observation\""))
}

fn from_lines(text: &str) -> Result<Report, String> {
    let mut observations = Vec::new();
    let mut verdict = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str(line).map_err(|error| explain(&error))? {
            Line::Observation(observation) => observations.push(*observation),
            Line::Verdict { schema_version, .. } if schema_version != SCHEMA_VERSION => {
                return Err(format!(
                    "its lines are of version {schema_version}; this program reads version {SCHEMA_VERSION}"
                ));
            }
            Line::Verdict {
                requests,
                elapsed_ms,
                ..
            } => verdict = Some((requests, elapsed_ms)),
        }
    }
    let (requests, elapsed_ms) = verdict
        .ok_or("the last line, which holds the verdict, is missing: the output was cut off")?;
    let report = Report {
        requests,
        elapsed_ms,
        ..Report::of(observations)
    };
    if report.target().is_none() {
        return Err("its lines do not say what was checked".to_owned());
    }
    Ok(report)
}

/// A parse error in words for someone who has only the file.
pub(crate) fn explain(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => {
            "the file ends in the middle of the data; it was cut off while it was written or copied"
                .to_owned()
        }
        serde_json::error::Category::Data => {
            format!("it does not hold what was expected ({error})")
        }
        _ => format!("it is not JSON ({error})"),
    }
}

/// Writes a file whose content may be confidential.
pub(crate) fn write_private(
    option: &'static str,
    path: &str,
    text: &str,
) -> Result<(), UsageError> {
    let failed = |source: io::Error| UsageError::Write {
        option,
        path: path.to_owned(),
        source,
    };
    let mut file = create_private(Path::new(path)).map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .map_err(failed)
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    // The mode above is only for new files; a pipe or device has none to set.
    if file.metadata()?.is_file() {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

/// What this program calls itself in reports.
const TOOL: &str = concat!("towpath ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests;
