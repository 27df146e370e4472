//! From nothing to the first echo: the program is started, and with it whatever browser it needs.

use super::Backend;
use crate::load::Fleet;
use crate::party::Party;
use crate::settings::Settings;
use anyhow::{Context as _, Result};

/// Seconds from the start of the program to the first echo over its local endpoint.
pub(super) async fn measure(settings: &Settings, way: &Party, backend: &Backend) -> Result<f64> {
    let running = way
        .start(settings, backend.address, false)?
        .context("not installed")?;
    let fleet = Fleet::open(&running.target, 1).await?;
    fleet.one_each().await?;
    Ok(running.started()?.elapsed().as_secs_f64())
}
