//! A check as text: one line a step, then what explains a failure and who must change what. It must never need colour to be read.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::report::{CheckReport, Found, Outcome, SideReport, Step};
use crate::plain;
use crate::words::{counted, span};

/// Columns of a terminal that is not wide.
const WIDTH: usize = 80;

/// Columns of the name of a step.
const STEP_COLUMNS: usize = 10;

/// All sides, then one line for someone in a hurry.
pub(super) fn whole(report: &CheckReport) -> String {
    let mut text = String::new();
    for side in &report.sides {
        text.push_str(&one(side));
        text.push('\n');
    }
    put(&mut text, format_args!("{}", headline(report)));
    text
}

/// One line for someone in a hurry; a second one where a relay is running already.
pub(super) fn headline(report: &CheckReport) -> String {
    let sides = u64::try_from(report.sides.len()).unwrap_or(u64::MAX);
    let mut line = if report.all_well {
        format!(
            "ALL WELL: {}, as far as was tried.",
            counted(sides, "side", "sides")
        )
    } else {
        let mut missing = broken(report);
        if report.links == 0 {
            missing.push("no [[link]] joins rooms, so nothing would be told to anybody".to_owned());
        }
        format!("NOT YET: {}.", missing.join(", "))
    };
    if report.beside_a_relay {
        line.push_str(
            "\nA relay of this configuration is running; towpath relay status says how it goes.",
        );
    }
    line
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
        paragraph(
            &mut text,
            &format!("        {:<STEP_COLUMNS$} ", "way"),
            way,
        );
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
    let first = format!("{mark}  {:<STEP_COLUMNS$} ", step.step);
    paragraph(text, &first, &format!("{room}{}", step.detail));
    if let Some(remedy) = &step.remedy {
        paragraph(
            text,
            &" ".repeat(first.len()),
            &format!("what helps: {remedy}"),
        );
    }
}

fn cause(text: &mut String, found: &Found, with_remedy: bool) {
    let indent = " ".repeat(8);
    paragraph(
        text,
        &indent,
        &format!("{} ({})", found.title, found.confidence),
    );
    if !found.summary.is_empty() {
        paragraph(text, &indent, &found.summary);
    }
    if with_remedy {
        let remedy = &found.remedy;
        for (who, what) in [
            ("you", &remedy.user),
            ("your IT", &remedy.it),
            ("operator", &remedy.operator),
        ] {
            paragraph(text, &format!("{indent}{who:<STEP_COLUMNS$} "), what);
        }
    }
    paragraph(
        text,
        &indent,
        &format!("more: towpath causes {}", found.cause),
    );
}

/// Words in lines of [`WIDTH`] columns, all behind the first one's beginning. Longer words stand alone.
fn paragraph(text: &mut String, first: &str, words: &str) {
    let indent = " ".repeat(first.chars().count());
    let mut line = first.to_owned();
    let mut columns = 0;
    for word in plain::line(words).split_whitespace() {
        let wide = word.width();
        if columns > 0 && indent.len() + columns + 1 + wide > WIDTH {
            put(text, format_args!("{}", line.trim_end()));
            line.clone_from(&indent);
            columns = 0;
        }
        if columns > 0 {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += wide;
    }
    put(text, format_args!("{}", line.trim_end()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_a_terminal_and_no_word_is_lost() {
        let words = "many words of some length and \u{4f60}\u{597d} ".repeat(20);
        let mut text = String::new();
        paragraph(&mut text, "  FAIL  connect    ", &words);
        for line in text.lines() {
            assert!(line.width() <= WIDTH, "{line}");
        }
        let told: Vec<_> = text.split_whitespace().skip(2).collect();
        assert_eq!(told, words.split_whitespace().collect::<Vec<_>>());
    }
}
