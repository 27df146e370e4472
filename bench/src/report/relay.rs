//! The relay's table and its JSON.

use crate::experiments::Relayed;
use crate::process::Footprint;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Memory at rest before and after, and what a message costs.
pub(super) fn table(relayed: Option<&Relayed>, text: &mut String) {
    let Some(relayed) = relayed else {
        return;
    };
    let _ = writeln!(
        text,
        "Relay between a stand-in for Kosmi and ngircd: proportional share of memory (the part that is no file's), MB\n\n\
         | idle | after {} messages each way | CPU per message, µs | messages/s, each proven |\n| ---: | ---: | ---: | ---: |\n\
         | {} | {} | {:.0} | {:.0} |\n",
        relayed.messages,
        cell(relayed.idle),
        cell(relayed.after),
        relayed.cpu_per_message * 1e6,
        count(2 * relayed.messages) / relayed.took,
    );
}

pub(super) fn value(relayed: &Relayed) -> Value {
    let memory = |footprint: Footprint| json!({ "proportional_bytes": footprint.proportional, "anonymous_bytes": footprint.anonymous });
    json!({
        "messages_each_way": relayed.messages,
        "idle": memory(relayed.idle),
        "after": memory(relayed.after),
        "cpu_microseconds_per_message": relayed.cpu_per_message * 1e6,
        "seconds": relayed.took,
    })
}

fn cell(footprint: Footprint) -> String {
    format!(
        "{:.1} ({:.1})",
        megabytes(footprint.proportional),
        megabytes(footprint.anonymous)
    )
}

#[expect(clippy::cast_precision_loss)]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[expect(clippy::cast_precision_loss)]
fn count(messages: usize) -> f64 {
    messages as f64
}
