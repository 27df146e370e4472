//! Messages per second and CPU per message: closed-loop echo of 1 KB text over 1, 100 and 1,000 connections.
//!
//! All parties run at once, but only one is under load at a time; each round takes all of them in turn.

use super::Backend;
use crate::load::{Fleet, Reading};
use crate::party::{PARTIES, Party, Running};
use crate::process::Core;
use crate::settings::Settings;
use anyhow::{Context as _, Result};

/// Numbers of connections, one series of rounds each.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 100, 1000];

/// What one party did with one number of connections.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) party: &'static str,
    pub(crate) connections: usize,
    /// One reading a round; `None` where the round failed.
    pub(crate) rounds: Vec<Option<Reading>>,
    /// Why there is nothing, or less than there should be.
    pub(crate) remark: Option<String>,
}

/// Measures every wanted party.
pub(crate) async fn run(settings: &Settings) -> Result<Vec<Series>> {
    let backend = Backend::start(Core::Generator)?;
    let wanted = PARTIES
        .iter()
        .filter(|party| settings.wants_party(party.name));
    let mut started = Vec::new();
    for party in wanted {
        started.push((party, start(party, settings, &backend)));
    }
    let mut all = Vec::new();
    for connections in CONNECTIONS {
        eprintln!("throughput: {connections} connections");
        all.extend(series(settings, &started, connections).await);
    }
    Ok(all)
}

fn start(party: &Party, settings: &Settings, backend: &Backend) -> Result<Running> {
    party
        .start(settings, backend.address, false)?
        .context("not installed")
}

async fn series(
    settings: &Settings,
    started: &[(&Party, Result<Running>)],
    connections: usize,
) -> Vec<Series> {
    let mut fleets = Vec::new();
    let mut series = Vec::new();
    for (party, running) in started {
        let fleet = match running {
            Ok(running) => Fleet::open(&running.target, connections).await,
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        series.push(Series {
            party: party.name,
            connections,
            rounds: Vec::new(),
            remark: fleet.as_ref().err().map(|error| format!("{error:#}")),
        });
        fleets.push(fleet.ok());
    }
    for round in 0..settings.rounds() {
        for step in 0..fleets.len() {
            // Nobody is always measured behind the same neighbour's cache.
            let index = (step + round) % fleets.len();
            let (Some(fleet), Ok(running)) = (&fleets[index], &started[index].1) else {
                continue;
            };
            let reading = fleet
                .measure(settings.window(), 1, &running.members())
                .await;
            if let Err(error) = &reading {
                series[index]
                    .remark
                    .get_or_insert_with(|| format!("{error:#}"));
                fleets[index] = None;
            }
            series[index].rounds.push(reading.ok());
        }
    }
    for one in &mut series {
        one.rounds.resize(settings.rounds(), None);
    }
    series
}
