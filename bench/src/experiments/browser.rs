//! Reaching a server through a browser: cold start, memory, round trips and rates, with and without the browser.
//!
//! Every way is a local endpoint in front of one echo backend, and the same load goes to each. Nothing is pinned to a
//! core, since a browser is many processes. Rounds are interleaved, so that a slow moment slows everybody.

mod cold;
mod memory;
mod pace;

pub(crate) use memory::Held;
pub(crate) use pace::{Pace, SHAPES, Turn};

use super::Backend;
use crate::party::{Party, WAYS};
use crate::process::{self, Core};
use crate::settings::Settings;
use anyhow::Result;

/// What was measured of one way.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) way: &'static str,
    /// Seconds from the start of the program to the first echo, a value for each round.
    pub(crate) cold: Vec<Option<f64>>,
    /// Seconds that a further connection takes to its first echo once everything runs, a value for each round.
    pub(crate) further: Vec<Option<f64>>,
    /// Memory by the number of sockets, a list for each round.
    pub(crate) held: Vec<Vec<Held>>,
    /// Round trips and rates, one for each of `SHAPES`.
    pub(crate) paces: Vec<Pace>,
    /// Why there is nothing, or less than there should be.
    pub(crate) remark: Option<String>,
}

impl Reached {
    /// Keeps the first reason only; the rest mostly follows from it.
    pub(crate) fn remark(&mut self, error: &anyhow::Error) {
        self.remark.get_or_insert_with(|| format!("{error:#}"));
    }
}

/// Measures every wanted way.
pub(crate) async fn run(settings: &Settings) -> Result<Vec<Reached>> {
    process::settle_on(Core::Any);
    let wanted: Vec<&Party> = WAYS
        .iter()
        .filter(|way| settings.wants_party(way.name))
        .collect();
    let mut all: Vec<Reached> = wanted
        .iter()
        .map(|way| Reached {
            way: way.name,
            ..Reached::default()
        })
        .collect();
    let backend = Backend::start(Core::Any)?;
    for round in 0..settings.browser_rounds() {
        eprintln!("browser: cold start, round {}", round + 1);
        for (way, reached) in wanted.iter().zip(&mut all) {
            let seconds = cold::measure(settings, way, &backend).await;
            if let Err(error) = &seconds {
                reached.remark(error);
            }
            reached.cold.push(seconds.ok());
        }
    }
    for round in 0..settings.browser_memory_rounds() {
        eprintln!("browser: memory, round {}", round + 1);
        for (way, reached) in wanted.iter().zip(&mut all) {
            match memory::measure(settings, way, &backend).await {
                Ok(held) => reached.held.push(held),
                Err(error) => reached.remark(&error),
            }
        }
    }
    pace::measure(settings, &wanted, &backend, &mut all).await;
    process::settle_on(Core::Generator);
    Ok(all)
}
