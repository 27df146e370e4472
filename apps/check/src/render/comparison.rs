//! A comparison of two reports, for people.

use std::fmt::Write as _;

use towpath_diagnosis::Verdict;

use super::text::Look;
use super::text::look::{Tone, cut, pad};
use super::text::rung::label;
use crate::compare::{Comparison, Side, Standing, State};

/// The comparison as text.
pub fn text(comparison: &Comparison, look: Look) -> String {
    let mut out = String::new();
    for (name, side) in [("A", &comparison.a), ("B", &comparison.b)] {
        let verdict = verdict(side);
        let line = format!("{}: {}, {verdict}", side.file, side.url);
        out.push_str(&look.paragraph(&format!("{name}  "), &line));
    }
    let column = look.width.saturating_sub(NAME_COLUMNS + 2) / 2;
    let _ = writeln!(out, "\n{}{} B", " ".repeat(NAME_COLUMNS), pad("A", column));
    for pair in &comparison.rungs {
        let mark = if pair.differs { "* " } else { "  " };
        let row = format!(
            "{mark}{}{} {}",
            pad(label(pair.rung), NAME_COLUMNS - 2),
            pad(&cell(&pair.a, column), column),
            cell(&pair.b, column)
        );
        let tone = if pair.flips() { Tone::Bad } else { Tone::Plain };
        let _ = writeln!(out, "{}", look.paint(tone, row.trim_end()));
    }
    let _ = writeln!(out, "\n{}", look.paint(Tone::Strong, "What this proves"));
    for sentence in &comparison.proves {
        out.push_str(&look.paragraph("  - ", sentence));
    }
    out
}

fn verdict(side: &Side) -> String {
    match (side.verdict, side.causes.first()) {
        (Verdict::Healthy, _) => "healthy".to_owned(),
        (Verdict::Fault, Some(cause)) => format!("fault: {cause}"),
        _ => "cannot tell".to_owned(),
    }
}

fn cell(standing: &Standing, column: usize) -> String {
    let state = match standing.state {
        State::Held => "ok",
        State::Failed => "FAIL",
        State::NotReached => return "-".to_owned(),
    };
    cut(
        &format!("{state} {}", standing.saw),
        column.saturating_sub(1),
    )
}

/// Columns of a rung's name with its mark.
const NAME_COLUMNS: usize = 13;
