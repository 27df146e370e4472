//! The browser experiment's tables and its JSON.

use super::table::one_line;
use crate::experiments::{Held, Pace, Reached, SHAPES, Turn};
use crate::party::FLOOR;
use crate::statistics::{median, paired_ratio, percentile};
use serde_json::{Value, json};
use std::fmt::Write as _;

const MEGABYTE: f64 = 1_000_000.0;

/// Seconds to the first message, memory, round trips and rates of all ways.
pub(super) fn tables(all: &[Reached], text: &mut String) {
    if all.is_empty() {
        return;
    }
    starts(all, text);
    memory(all, text);
    for (index, (shape, _)) in SHAPES.iter().enumerate() {
        pace(all, index, shape, text);
    }
}

fn starts(all: &[Reached], text: &mut String) {
    text.push_str(
        "Time to the first echo\n\n\
         | way | cold, ms | a further socket, ms |\n| --- | ---: | ---: |\n",
    );
    for reached in all {
        let _ = writeln!(
            text,
            "| {}{} | {} | {} |",
            reached.way,
            remark(reached),
            cell(middle(&reached.cold), 1e3, 0),
            cell(middle(&reached.further), 1e3, 1),
        );
    }
    text.push('\n');
}

fn memory(all: &[Reached], text: &mut String) {
    let counts: Vec<usize> = all
        .iter()
        .filter_map(|reached| reached.held.first())
        .max_by_key(|held| held.len())
        .map(|held| held.iter().map(|one| one.sockets).collect())
        .unwrap_or_default();
    let _ = writeln!(
        text,
        "Memory of all processes by the number of sockets, MB: proportional share (the part that is no file's)\n\n\
         | way | {} | each further socket, no file's | processes |\n| --- |{} ---: | ---: |",
        row(counts.iter().map(usize::to_string)),
        " ---: |".repeat(counts.len())
    );
    for reached in all {
        let cells = row(counts.iter().map(|count| share(reached, *count)));
        let processes = median_of(&reached.held, |held| {
            held.last().map(|last| count_of(last.footprint.processes))
        });
        let _ = writeln!(
            text,
            "| {} | {cells} | {} | {} |",
            reached.way,
            cell(growth(reached), 1.0 / MEGABYTE, 3),
            cell(processes, 1.0, 0),
        );
    }
    text.push('\n');
}

fn share(reached: &Reached, sockets: usize) -> String {
    let at = |pick: fn(&Held) -> u64| {
        median_of(&reached.held, |held| {
            let held = held.iter().find(|held| held.sockets == sockets)?;
            Some(bytes_of(pick(held)))
        })
    };
    let proportional = at(|held| held.footprint.proportional);
    let anonymous = at(|held| held.footprint.anonymous);
    match (proportional, anonymous) {
        (Some(all), Some(anonymous)) => {
            format!("{:.0} ({:.0})", all / MEGABYTE, anonymous / MEGABYTE)
        }
        _ => String::new(),
    }
}

/// Bytes of memory that are no file's which each socket after the first adds, the median of all rounds.
pub(super) fn growth(reached: &Reached) -> Option<f64> {
    median_of(&reached.held, |held| {
        let (first, last) = (held.first()?, held.last()?);
        let added = bytes_of(last.footprint.anonymous) - bytes_of(first.footprint.anonymous);
        Some(added / count_of(last.sockets - first.sockets))
    })
}

fn pace(all: &[Reached], index: usize, shape: &str, text: &mut String) {
    let floor = all.iter().find(|reached| reached.way == FLOOR);
    let floor: Vec<Option<f64>> = floor
        .map(|floor| round_trips(&floor.paces[index]))
        .unwrap_or_default();
    let _ = writeln!(
        text,
        "{shape}\n\n\
         | way | round trip p50, µs | p99, µs | against {FLOOR} | messages/s | CPU per message, µs |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |"
    );
    for reached in all {
        let Some(pace) = reached.paces.get(index) else {
            continue;
        };
        let trips: Vec<f64> = pace
            .turns
            .iter()
            .flatten()
            .flat_map(|turn| turn.round_trips.iter().copied())
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            reached.way,
            cell(percentile(&trips, 50.0), 1e6, 0),
            cell(percentile(&trips, 99.0), 1e6, 0),
            cell(paired_ratio(&round_trips(pace), &floor), 1.0, 1),
            cell(rate(pace), 1.0, 0),
            cell(cost(pace), 1e6, 0),
        );
    }
    text.push('\n');
}

/// The median round trip of each round, in seconds.
pub(super) fn round_trips(pace: &Pace) -> Vec<Option<f64>> {
    let turns = pace.turns.iter();
    turns
        .map(|turn| median(&turn.as_ref()?.round_trips))
        .collect()
}

/// Messages per second, the median of all rounds.
pub(super) fn rate(pace: &Pace) -> Option<f64> {
    median_of(&pace.turns, |turn| {
        Some(turn.as_ref()?.rate.messages_per_second)
    })
}

fn cost(pace: &Pace) -> Option<f64> {
    median_of(&pace.turns, |turn| {
        Some(turn.as_ref()?.rate.cpu_per_message)
    })
}

/// Cells of a row, without its outer lines.
pub(super) fn row(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(" | ")
}

/// The median of the rounds that gave a value.
pub(super) fn middle(rounds: &[Option<f64>]) -> Option<f64> {
    median_of(rounds, |round| *round)
}

fn median_of<T>(rounds: &[T], pick: impl Fn(&T) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = rounds.iter().filter_map(pick).collect();
    median(&values)
}

fn cell(value: Option<f64>, scale: f64, digits: usize) -> String {
    value.map_or(String::new(), |value| format!("{:.digits$}", value * scale))
}

fn remark(reached: &Reached) -> String {
    let remark = reached.remark.as_deref();
    remark.map_or(String::new(), |text| format!(" ({})", one_line(text)))
}

#[expect(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
fn bytes_of(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count_of(count: usize) -> f64 {
    count as f64
}

/// Everything that was measured of one way; of round trips the percentiles of each round.
pub(super) fn value(reached: &Reached) -> Value {
    let held = |held: &Held| {
        json!({
            "sockets": held.sockets,
            "processes": held.footprint.processes,
            "proportional_bytes": held.footprint.proportional,
            "anonymous_bytes": held.footprint.anonymous,
        })
    };
    let paces = SHAPES.iter().zip(&reached.paces).map(|((name, _), pace)| {
        let turns: Vec<Option<Value>> = pace
            .turns
            .iter()
            .map(|turn| turn.as_ref().map(turn_value))
            .collect();
        json!({ "messages": name, "rounds": turns })
    });
    json!({
        "way": reached.way,
        "cold_seconds": reached.cold,
        "further_socket_seconds": reached.further,
        "memory": reached.held.iter()
            .map(|round| round.iter().map(held).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "paces": paces.collect::<Vec<_>>(),
        "remark": reached.remark,
    })
}

fn turn_value(turn: &Turn) -> Value {
    json!({
        "round_trip_p50_seconds": percentile(&turn.round_trips, 50.0),
        "round_trip_p99_seconds": percentile(&turn.round_trips, 99.0),
        "round_trips": turn.round_trips.len(),
        "messages_per_second": turn.rate.messages_per_second,
        "cpu_seconds_per_message": turn.rate.cpu_per_message,
    })
}

#[cfg(test)]
mod tests;
