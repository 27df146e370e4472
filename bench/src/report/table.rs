//! Markdown tables, with ratios to the reference as medians of paired rounds.

use super::{Results, bars, browser};
use crate::experiments::{CONNECTIONS, Idle, Jittered, Series, Summary};
use crate::load::Reading;
use crate::party::{PARTIES, REFERENCE, WAYS};
use crate::statistics::{median, paired_ratio, range};
use std::fmt::Write as _;

/// All tables that have content.
pub(super) fn all(results: &Results, quick: bool) -> String {
    let mut text = String::new();
    if quick {
        text.push_str("A quick run: for a look, not for comparison.\n\n");
    }
    let [before, after] = results.load;
    let _ = writeln!(
        text,
        "Load average of the machine over a minute: {before:.1} before, {after:.1} after.\n"
    );
    for connections in CONNECTIONS {
        let some: Vec<&Series> = results
            .throughput
            .iter()
            .filter(|series| series.connections == connections)
            .collect();
        if !some.is_empty() {
            throughput(connections, &some, &mut text);
        }
    }
    if !results.memory.is_empty() {
        memory(&results.memory, &mut text);
    }
    if !results.jitter.is_empty() {
        jitter(&results.jitter, &mut text);
    }
    browser::tables(&results.browser, &mut text);
    bars::table(&results.browser, &mut text);
    super::relay::table(results.relay.as_ref(), &mut text);
    parties(results, &mut text);
    text
}

fn throughput(connections: usize, all: &[&Series], text: &mut String) {
    let reference = all
        .iter()
        .find(|series| series.party == REFERENCE)
        .map(|series| cpu(series))
        .unwrap_or_default();
    let _ = writeln!(
        text,
        "Echo of 1 KB, connections: {connections}\n\n\
         | party | messages/s | CPU per message, µs | lowest to highest | CPU against {REFERENCE} |\n\
         | --- | ---: | ---: | ---: | ---: |"
    );
    for series in all {
        let rates: Vec<f64> = readings(series)
            .map(|one| one.messages_per_second)
            .collect();
        let costs: Vec<f64> = readings(series)
            .map(|one| one.cpu_per_message * 1e6)
            .collect();
        let Some((rate, cost)) = median(&rates).zip(median(&costs)) else {
            let remark = series.remark.as_deref().unwrap_or("not measured");
            let _ = writeln!(text, "| {} | {} | | | |", series.party, one_line(remark));
            continue;
        };
        let spread = range(&costs).map_or(String::new(), |(low, high)| {
            format!("{low:.1} to {high:.1}")
        });
        let ratio = paired_ratio(&cpu(series), &reference)
            .map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let remark = series
            .remark
            .as_deref()
            .map_or(String::new(), |remark| format!(" ({})", one_line(remark)));
        let _ = writeln!(
            text,
            "| {}{remark} | {rate:.0} | {cost:.1} | {spread} | {ratio} |",
            series.party
        );
    }
    text.push('\n');
}

fn memory(all: &[Idle], text: &mut String) {
    let count = all.first().map_or(0, |idle| idle.connections);
    let _ = writeln!(
        text,
        "Resident memory per idle session, sessions: {count}, after one message each\n\n\
         | party | client leg | KiB per session |\n| --- | --- | ---: |"
    );
    for idle in all {
        let leg = if idle.tls { "TLS" } else { "plain" };
        let size = idle.bytes_per_session.map_or_else(
            || one_line(idle.remark.as_deref().unwrap_or("not measured")),
            |bytes| format!("{:.1}", bytes / 1024.0),
        );
        let _ = writeln!(text, "| {} | {leg} | {size} |", idle.party);
    }
    text.push('\n');
}

fn jitter(all: &[Jittered], text: &mut String) {
    let _ = writeln!(
        text,
        "Jitter: messages both ways, every connection reset and refused for a second, again and again\n\n\
         | contestant | delivered | lost up, down | doubled | out of order | replayed | replay p50, ms | replay p99, ms | all p99, ms |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for one in all {
        let row = one.summary.as_ref().map_or_else(
            || {
                let remark = one.remark.as_deref().unwrap_or("not measured");
                format!("{} | | | | | | |", one_line(remark))
            },
            contest,
        );
        let _ = writeln!(text, "| {} | {row} |", one.name);
    }
    text.push('\n');
}

fn contest(summary: &Summary) -> String {
    let each = summary.expected / 2;
    let [up, down] = summary.delivered.map(|got| each.saturating_sub(got));
    let time = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.0}"));
    format!(
        "{:.2} % | {up}, {down} | {} | {} | {} | {} | {} | {}",
        summary.percent(),
        summary.duplicates,
        summary.reordered,
        summary.replayed,
        time(summary.replay_p50),
        time(summary.replay_p99),
        time(summary.all_p99),
    )
}

fn parties(results: &Results, text: &mut String) {
    let _ = writeln!(text, "What is compared:\n");
    let gateway = results.throughput.len() + results.memory.len();
    let parties = PARTIES.iter().filter(|_| gateway > 0);
    let ways = WAYS.iter().filter(|_| !results.browser.is_empty());
    for party in parties.chain(ways) {
        let _ = writeln!(text, "- {}: {}", party.name, party.what);
    }
}

fn readings(series: &Series) -> impl Iterator<Item = &Reading> {
    series.rounds.iter().flatten()
}

fn cpu(series: &Series) -> Vec<Option<f64>> {
    series
        .rounds
        .iter()
        .map(|round| round.map(|reading| reading.cpu_per_message))
        .collect()
}

/// A remark fits a cell: its first line, without what Markdown would take for a column.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.replace('|', "/")
        .chars()
        .take(REMARK_CHARS_MAX)
        .collect()
}

/// Characters of a remark in a table; the JSON has all of it.
const REMARK_CHARS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn series(party: &'static str, costs: &[f64]) -> Series {
        let reading = |cost: &f64| {
            Some(Reading {
                messages_per_second: 1000.0,
                cpu_per_message: *cost,
            })
        };
        Series {
            party,
            connections: 100,
            rounds: costs.iter().map(reading).collect(),
            remark: None,
        }
    }

    #[test]
    fn a_row_tells_median_spread_and_ratio() {
        let results = Results {
            throughput: vec![
                series(REFERENCE, &[10e-6, 20e-6, 10e-6]),
                series("towpath session", &[15e-6, 32e-6, 14e-6]),
            ],
            ..Results::default()
        };
        let text = all(&results, false);
        let row = text.lines().find(|line| line.contains("session")).unwrap();
        assert_eq!(
            row,
            "| towpath session | 1000 | 15.0 | 14.0 to 32.0 | 1.50 |"
        );
    }

    #[test]
    fn a_party_that_failed_stays_in_the_table() {
        let mut failed = series("pushpin", &[]);
        failed.remark = Some("not | installed\nreally".to_owned());
        let results = Results {
            throughput: vec![failed],
            ..Results::default()
        };
        assert!(all(&results, true).contains("| pushpin | not / installed | | | |"));
    }
}
