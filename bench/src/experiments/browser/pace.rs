//! Round trips of one message at a time, and messages per second with many under way, over one socket each.

use super::{Backend, Reached};
use crate::load::{Fleet, Reading, Shape};
use crate::party::{Party, Running};
use crate::settings::Settings;
use anyhow::{Context as _, Result};
use std::time::Instant;

/// The messages that are measured, with their names.
pub(crate) const SHAPES: [(&str, Shape); 2] = [
    ("100 B text", Shape::SMALL_TEXT),
    ("10 KB binary", Shape::LARGE_BINARY),
];

/// Messages under way at once where a rate is measured: a program that sends as it likes, within reason.
const DEPTH: usize = 64;

/// What one way did with one kind of message.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// One for each round; `None` where the round failed.
    pub(crate) turns: Vec<Option<Turn>>,
}

/// One round.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    /// Seconds of each round trip.
    pub(crate) round_trips: Vec<f64>,
    /// With many messages under way.
    pub(crate) rate: Reading,
}

/// A way that runs, with one connection for each kind of message.
struct Ready {
    running: Running,
    fleets: Vec<Fleet>,
}

/// Measures all ways side by side: all run at once, one is loaded at a time.
pub(super) async fn measure(
    settings: &Settings,
    wanted: &[&Party],
    backend: &Backend,
    all: &mut [Reached],
) {
    let mut ready = Vec::new();
    for (way, reached) in wanted.iter().zip(&mut *all) {
        reached.paces.resize_with(SHAPES.len(), Pace::default);
        let started = start(settings, way, backend).await;
        if let Err(error) = &started {
            reached.remark(error);
        }
        ready.push(started.ok());
    }
    for round in 0..settings.browser_rounds() {
        eprintln!("browser: round trips and rates, round {}", round + 1);
        for step in 0..ready.len() {
            let index = (step + round) % ready.len();
            let reached = &mut all[index];
            let taken = match &ready[index] {
                Some(ready) => turns(settings, ready, reached).await,
                None => Ok(()),
            };
            if let Err(error) = taken {
                reached.remark(&error);
                ready[index] = None;
            }
        }
        for reached in &mut *all {
            reached.further.resize(round + 1, None);
            for pace in &mut reached.paces {
                pace.turns.resize(round + 1, None);
            }
        }
    }
}

async fn start(settings: &Settings, way: &Party, backend: &Backend) -> Result<Ready> {
    let running = way
        .start(settings, backend.address, false)?
        .context("not installed")?;
    let mut fleets = Vec::new();
    for (_, shape) in SHAPES {
        let mut target = running.target.clone();
        target.shape = shape;
        let fleet = Fleet::open(&target, 1).await?;
        // What is set up or compiled at first use is not a matter of pace.
        fleet.measure(settings.window(), DEPTH, &[]).await?;
        fleets.push(fleet);
    }
    Ok(Ready { running, fleets })
}

async fn turns(settings: &Settings, ready: &Ready, reached: &mut Reached) -> Result<()> {
    for (fleet, pace) in ready.fleets.iter().zip(&mut reached.paces) {
        let members = ready.running.members();
        pace.turns.push(Some(Turn {
            round_trips: fleet.round_trips(settings.window()).await?,
            rate: fleet.measure(settings.window(), DEPTH, &members).await?,
        }));
    }
    let start = Instant::now();
    let another = Fleet::open(&ready.running.target, 1).await?;
    another.one_each().await?;
    reached.further.push(Some(start.elapsed().as_secs_f64()));
    Ok(())
}
