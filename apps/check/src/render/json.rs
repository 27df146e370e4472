//! One JSON object a line: each observation as it is made, and at the end the verdict.
//!
//! The contract is `docs/report-schema.md`.

use std::io::{self, Write};

use serde::Serialize;
use towpath_diagnosis::observation::SCHEMA_VERSION;
use towpath_diagnosis::{Fact, Finding, Observation, Question, Verdict};

use crate::report::Report;
use crate::run::{CutShort, Progress, Wait};

/// Writes lines as the check runs.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
}

/// A line that holds an observation.
#[derive(Serialize)]
struct ObservationLine<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    observation: &'a Observation,
}

/// The last line.
#[derive(Serialize)]
struct VerdictLine<'a> {
    r#type: &'static str,
    schema_version: u32,
    verdict: Verdict,
    exit_status: u8,
    url: Option<&'a str>,
    findings: &'a [Finding],
    context: &'a [Finding],
    not_tested: Vec<NotTested<'a>>,
    cut_short: Option<CutShort>,
    requests: u32,
    budget: Option<u32>,
    elapsed_ms: u64,
    tool: &'a str,
}

/// A question that was not put to the network.
#[derive(Serialize)]
struct NotTested<'a> {
    question: &'a Question,
    reason: &'a str,
}

impl<W: Write> Json<W> {
    /// Lines go to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes the last line.
    pub fn finish(mut self, report: &Report) -> io::Result<()> {
        let target = report.target();
        let line = VerdictLine {
            r#type: "verdict",
            schema_version: SCHEMA_VERSION,
            verdict: report.diagnosis.verdict,
            exit_status: report.exit_status(),
            url: target.map(|target| target.url.as_str()),
            findings: &report.diagnosis.findings,
            context: &report.diagnosis.context,
            not_tested: not_tested(&report.observations),
            cut_short: report.cut_short,
            requests: report.requests,
            budget: target.map(|target| target.budget),
            elapsed_ms: report.elapsed_ms,
            tool: &report.tool,
        };
        write_line(&mut self.out, &line)
    }
}

impl<W: Write> Progress for Json<W> {
    fn asking(&mut self, _: &Question) -> io::Result<()> {
        Ok(())
    }

    fn waiting(&mut self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn answered(&mut self, observations: &[Observation]) -> io::Result<()> {
        for observation in observations {
            let line = ObservationLine {
                r#type: "observation",
                observation,
            };
            write_line(&mut self.out, &line)?;
        }
        Ok(())
    }
}

fn not_tested(observations: &[Observation]) -> Vec<NotTested<'_>> {
    observations
        .iter()
        .filter_map(|observation| match &observation.fact {
            Fact::NotTested { question, reason } => Some(NotTested { question, reason }),
            _ => None,
        })
        .collect()
}

/// One value on one line, flushed so that a reader on a pipe has it at once.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests;
