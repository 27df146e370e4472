//! Memory of the program with its browser, all processes together, with ever more sockets open.

use super::Backend;
use crate::load::Fleet;
use crate::party::Party;
use crate::process::{self, Footprint};
use crate::settings::Settings;
use anyhow::{Context as _, Result};

/// Numbers of sockets, in the order in which they are reached.
const SOCKETS: [usize; 3] = [1, 10, 100];

/// Memory with so many sockets open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) sockets: usize,
    pub(crate) footprint: Footprint,
}

/// Opens sockets, sends one message on each, and reads the memory at every stage.
pub(super) async fn measure(
    settings: &Settings,
    way: &Party,
    backend: &Backend,
) -> Result<Vec<Held>> {
    let running = way
        .start(settings, backend.address, false)?
        .context("not installed")?;
    let mut fleets = Vec::new();
    let mut open = 0;
    let mut held = Vec::new();
    for sockets in SOCKETS {
        let fleet = Fleet::open(&running.target, sockets - open).await?;
        fleet.one_each().await?;
        fleets.push(fleet);
        open = sockets;
        tokio::time::sleep(settings.settle()).await;
        for fleet in &fleets {
            fleet.check()?;
        }
        held.push(Held {
            sockets,
            footprint: process::footprint(&running.members()),
        });
    }
    Ok(held)
}
