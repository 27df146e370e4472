//! A ladder that grows while the check runs, then the verdict, the evidence and the remedy.
//!
//! Written for a terminal of 80 columns, readable without colour.

use std::io::{self, Write};

use towpath_diagnosis::observation::Scheme;
use towpath_diagnosis::words::duration;
use towpath_diagnosis::{Fact, Observation, Question};
use unicode_width::UnicodeWidthStr as _;

use crate::report::Report;
use crate::run::{Progress, Wait};

pub(crate) mod look;
mod phrase;
pub(crate) mod rung;
mod verdict;

pub use look::{Look, WIDTH};

use look::{Tone, cut, pad};
use rung::{Known, Line, Mark};

/// Writes text as the check runs.
pub struct Text<W> {
    out: W,
    look: Look,
    /// Where a line may be written and wiped again while a question waits.
    status: Option<Box<dyn Write>>,
    status_shown: bool,
    known: Known,
    skipped: Vec<String>,
}

impl<W: Write> Text<W> {
    /// Text goes to `out`. `status` is a terminal for passing remarks, if there is one.
    pub fn new(out: W, look: Look, status: Option<Box<dyn Write>>) -> Self {
        Self {
            out,
            look,
            status,
            status_shown: false,
            known: Known::default(),
            skipped: Vec::new(),
        }
    }

    /// Writes the ladder of a report that was made before.
    pub fn ladder(&mut self, observations: &[Observation]) -> io::Result<()> {
        for answer in observations.chunk_by(|one, next| one.answers == next.answers) {
            self.answered(answer)?;
        }
        Ok(())
    }

    /// Writes what follows the ladder.
    pub fn finish(mut self, report: &Report) -> io::Result<()> {
        self.wipe()?;
        write!(self.out, "\n{}", verdict::text(report, self.look))?;
        self.out.flush()
    }

    fn wipe(&mut self) -> io::Result<()> {
        if let (Some(status), true) = (&mut self.status, self.status_shown) {
            self.status_shown = false;
            write!(status, "\r\u{1b}[2K")?;
            status.flush()?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let time = line.elapsed_ms.map(duration).unwrap_or_default();
        let (start, tone) = match line.mark {
            Mark::Held => ("  ok    ", Tone::Good),
            Mark::Failed => ("  FAIL  ", Tone::Bad),
            Mark::Skipped => ("  skip  ", Tone::Faint),
            Mark::Variation { .. } => ("          ", Tone::Plain),
        };
        let result_tone = match line.mark {
            Mark::Variation { through: true } => Tone::Good,
            Mark::Skipped => Tone::Faint,
            _ => Tone::Plain,
        };
        let time_width = if time.is_empty() { 0 } else { TIME_COLUMNS + 1 };
        let rest = self.look.width.saturating_sub(start.len() + 1 + time_width);
        let asked_width = asked_columns(line, rest);
        let room = rest.saturating_sub(asked_width);
        let mut pieces = look::wrap(&line.result, room.max(1));
        if pieces.len() > RESULT_LINES_MAX {
            let tail = pieces.split_off(RESULT_LINES_MAX - 1).join(" ");
            pieces.push(cut(&tail, room));
        }
        for (at, piece) in pieces.iter().enumerate() {
            if at > 0 {
                let indent = " ".repeat(start.len() + asked_width);
                writeln!(self.out, "{indent} {}", self.look.paint(result_tone, piece))?;
                continue;
            }
            let text = format!(
                "{}{} {}",
                self.look.paint(tone, start),
                pad(&cut(&line.asked, asked_width), asked_width),
                self.look.paint(result_tone, &pad(piece, room)),
            );
            if time.is_empty() {
                writeln!(self.out, "{}", text.trim_end())?;
            } else {
                let time = format!("{time:>TIME_COLUMNS$}");
                writeln!(self.out, "{text} {}", self.look.paint(Tone::Faint, &time))?;
            }
        }
        Ok(())
    }
}

/// Columns for what was asked. Variations stand in a column that gives way to a long result.
fn asked_columns(line: &Line, rest: usize) -> usize {
    let own = line.asked.width();
    match line.mark {
        Mark::Variation { .. } => {
            let most = rest * 3 / 4;
            let spare = rest.saturating_sub(line.result.width());
            let column = if spare >= own {
                VARIATION_COLUMNS.min(spare)
            } else {
                VARIATION_COLUMNS
            };
            own.max(column).min(most)
        }
        _ => RUNG_COLUMNS,
    }
}

impl<W: Write> Progress for Text<W> {
    fn asking(&mut self, _: &Question) -> io::Result<()> {
        Ok(())
    }

    fn waiting(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        let Some(status) = &mut self.status else {
            return Ok(());
        };
        let label = rung::label(wait.question.rung());
        let spent = duration(u64::try_from(wait.span.as_millis()).unwrap_or(u64::MAX));
        let remark = match wait.question {
            _ if wait.paused => format!("pausing for {spent}, as the server asked"),
            Question::Endure { watch_ms } => {
                format!("watching, {spent} of {}", duration(*watch_ms))
            }
            _ => format!("waiting, {spent} so far"),
        };
        let remark = format!("        {label:<RUNG_COLUMNS$} {remark}");
        self.status_shown = true;
        write!(
            status,
            "\r\u{1b}[2K{}",
            cut(&remark, self.look.width.saturating_sub(1))
        )?;
        status.flush()
    }

    fn answered(&mut self, observations: &[Observation]) -> io::Result<()> {
        self.wipe()?;
        for one in observations {
            if let Fact::Target(target) = &one.fact {
                self.known.plain = target.scheme == Scheme::Ws;
                self.known.localhost = target.host == "localhost";
                self.known.answer_due = target.expect.is_some();
                let title = cut(&target.url, self.look.width);
                writeln!(self.out, "{}\n", self.look.paint(Tone::Strong, &title))?;
            }
        }
        for line in rung::lines(observations, self.known) {
            // The footer tells every reason; the ladder tells each where it first counts.
            if line.mark == Mark::Skipped {
                if self.skipped.contains(&line.result) {
                    continue;
                }
                self.skipped.push(line.result.clone());
            }
            self.line(&line)?;
        }
        self.known.talked |= observations
            .iter()
            .any(|one| matches!(one.answers, Some(Question::Talk { .. })));
        self.out.flush()
    }
}

/// The rungs of a report that did not hold, as label and result.
fn failures(report: &Report) -> Vec<(String, String)> {
    report
        .observations
        .chunk_by(|one, next| one.answers == next.answers)
        .flat_map(|answer| rung::lines(answer, Known::default()))
        .filter(|line| line.mark == Mark::Failed)
        .map(|line| (line.asked, line.result))
        .collect()
}

/// Columns of a rung's name.
const RUNG_COLUMNS: usize = 11;

/// Columns of what a variation varies.
const VARIATION_COLUMNS: usize = 32;

/// Lines that a long result may take.
const RESULT_LINES_MAX: usize = 2;

/// Columns of a time span.
const TIME_COLUMNS: usize = 7;

#[cfg(test)]
mod tests;
