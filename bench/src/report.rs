//! The results as JSON and as Markdown tables. It must never leave out a party that failed.

mod bars;
mod browser;
mod relay;
mod table;

use crate::experiments::{Idle, Jittered, Reached, Relayed, Series};
use crate::settings::Settings;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) throughput: Vec<Series>,
    pub(crate) memory: Vec<Idle>,
    pub(crate) jitter: Vec<Jittered>,
    pub(crate) browser: Vec<Reached>,
    pub(crate) relay: Option<Relayed>,
    /// The machine's load average over a minute, when the run began and when it ended.
    pub(crate) load: [f64; 2],
}

/// Prints the tables, and writes `bench.json` and `bench.md`.
pub(crate) fn write(settings: &Settings, results: &Results, took: Duration) -> Result<()> {
    let text = table::all(results, settings.quick);
    println!("{text}");
    std::fs::create_dir_all(&settings.out)?;
    std::fs::write(settings.out.join("bench.md"), &text)?;
    let value = json!({
        "version": 1,
        "quick": settings.quick,
        "seconds": took.as_secs(),
        "load_average": results.load,
        "throughput": results.throughput.iter().map(series).collect::<Vec<_>>(),
        "memory": results.memory.iter().map(idle).collect::<Vec<_>>(),
        "jitter": results.jitter.iter().map(jittered).collect::<Vec<_>>(),
        "browser": results.browser.iter().map(browser::value).collect::<Vec<_>>(),
        "relay": results.relay.as_ref().map(relay::value),
    });
    let file = settings.out.join("bench.json");
    std::fs::write(&file, serde_json::to_string_pretty(&value)?)?;
    eprintln!("{} after {} s", file.display(), took.as_secs());
    Ok(())
}

fn series(series: &Series) -> Value {
    let pick = |round: &Option<crate::load::Reading>| {
        round.map(|reading| {
            json!({
                "messages_per_second": reading.messages_per_second,
                "cpu_microseconds_per_message": reading.cpu_per_message * 1e6,
            })
        })
    };
    json!({
        "party": series.party,
        "connections": series.connections,
        "rounds": series.rounds.iter().map(pick).collect::<Vec<_>>(),
        "remark": series.remark,
    })
}

fn idle(idle: &Idle) -> Value {
    json!({
        "party": idle.party,
        "tls": idle.tls,
        "connections": idle.connections,
        "bytes_per_session": idle.bytes_per_session,
        "remark": idle.remark,
    })
}

fn jittered(jittered: &Jittered) -> Value {
    let summary = jittered.summary.as_ref().map(|summary| {
        json!({
            "expected": summary.expected,
            "delivered_up": summary.delivered[0],
            "delivered_down": summary.delivered[1],
            "duplicates": summary.duplicates,
            "reordered": summary.reordered,
            "replayed": summary.replayed,
            "replay_p50_milliseconds": summary.replay_p50,
            "replay_p99_milliseconds": summary.replay_p99,
            "all_p99_milliseconds": summary.all_p99,
        })
    });
    json!({ "contestant": jittered.name, "summary": summary, "remark": jittered.remark })
}
