//! A check as text: one line a step, then what explains a failure and who must change what. It must never need colour to be read.

use std::fmt::Write as _;

use super::report::{CheckReport, Found, Outcome, SideReport, Step};
use crate::words::{counted, span};

/// Columns of the name of a step.
const STEP_COLUMNS: usize = 10;

/// All sides, then one line for someone in a hurry.
pub(super) fn whole(report: &CheckReport) -> String {
    let mut text = String::new();
    for side in &report.sides {
        text.push_str(&one(side));
        text.push('\n');
    }
    let sides = u64::try_from(report.sides.len()).unwrap_or(u64::MAX);
    let line = if report.all_well {
        format!(
            "ALL WELL: {}, as far as was tried.",
            counted(sides, "side", "sides")
        )
    } else {
        format!("NOT YET: {}.", broken(report).join(", "))
    };
    put(&mut text, format_args!("{line}"));
    text
}

/// One side.
pub(super) fn one(side: &SideReport) -> String {
    let mut text = String::new();
    let server = side
        .server
        .as_deref()
        .map(|server| format!("  {server}"))
        .unwrap_or_default();
    put(
        &mut text,
        format_args!("{}{server}  ({})", side.name, span_of(side.elapsed_ms)),
    );
    if let Some(way) = &side.way {
        put(&mut text, format_args!("        way        {way}"));
    }
    for step in &side.steps {
        line(&mut text, step);
    }
    for (at, found) in side.findings.iter().enumerate() {
        cause(&mut text, found, at == 0);
    }
    text
}

/// The sides that are not well, with the rooms where only these are.
fn broken(report: &CheckReport) -> Vec<String> {
    let sides = report.sides.iter().filter(|side| !side.is_well());
    sides
        .map(|side| {
            let mut rooms: Vec<_> = side.failed().map(|step| step.room.as_deref()).collect();
            rooms.dedup();
            match rooms.iter().copied().collect::<Option<Vec<_>>>() {
                Some(rooms) => format!("{} {}", side.name, rooms.join(" ")),
                None => side.name.clone(),
            }
        })
        .collect()
}

fn line(text: &mut String, step: &Step) {
    let mark = match step.outcome {
        Outcome::Held => "  ok  ",
        Outcome::Failed => "  FAIL",
        Outcome::NotTried => "  skip",
    };
    let room = step
        .room
        .as_deref()
        .map(|room| format!("{room}: "))
        .unwrap_or_default();
    put(
        text,
        format_args!("{mark}  {:<STEP_COLUMNS$} {room}{}", step.step, step.detail),
    );
    if let Some(remedy) = &step.remedy {
        put(
            text,
            format_args!("        {:<STEP_COLUMNS$} what helps: {remedy}", ""),
        );
    }
}

fn cause(text: &mut String, found: &Found, with_remedy: bool) {
    put(
        text,
        format_args!("     {} ({})", found.title, found.confidence),
    );
    if !found.summary.is_empty() {
        put(text, format_args!("        {}", found.summary));
    }
    if with_remedy {
        let remedy = &found.remedy;
        for (who, what) in [
            ("you", &remedy.user),
            ("your IT", &remedy.it),
            ("operator", &remedy.operator),
        ] {
            put(text, format_args!("        {who:<STEP_COLUMNS$} {what}"));
        }
    }
    put(
        text,
        format_args!("        more: towpath causes {}", found.cause),
    );
}

fn span_of(elapsed_ms: u64) -> String {
    if elapsed_ms < 10_000 {
        return format!("{elapsed_ms} ms");
    }
    span(elapsed_ms)
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a String takes everything");
}
