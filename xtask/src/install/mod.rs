//! Installs what the tests need and says so before it does. What is there already is left alone.
//!
//! It never starts a service, and it never skips silently: what cannot be had ends the run with instructions, but for Matterbridge, which is named.

mod debian;
mod matterbridge;
mod needs;
mod node;
mod npm;
mod services;
mod wheels;

pub(crate) use needs::programs;

use crate::process::{command, quiet};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Installs everything missing. Takes about a second when nothing is.
pub(crate) fn run(root: &Path) -> Result<()> {
    timed("Debian packages", || debian::run(root))?;
    timed("npm packages", || npm::run(root))?;
    timed("checkers", || wheels::run(root))?;
    // After the checkers, in whose folder they stand.
    timed("Node", || node::run(root))?;
    timed("Matterbridge", || Ok(matterbridge::run(root)))
}

/// The folder with the checkers that this command installs; goes in front of the search path of every step.
pub(crate) fn tools_folder(root: &Path) -> PathBuf {
    wheels::folder(root).join("bin")
}

/// Whether this runs as root, who may install packages and make network namespaces.
pub(crate) fn is_root(root: &Path) -> bool {
    quiet(&mut command("id", &["-u"], root)).is_some_and(|text| text.trim() == "0")
}

fn timed(what: &str, step: impl FnOnce() -> Result<Change>) -> Result<()> {
    let start = Instant::now();
    let word = match step()? {
        Change::None => "already there",
        Change::Installed => "installed",
        Change::LeftOut => "left out",
    };
    println!(
        "install: {what} {word} ({:.1} s)",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Whether an install step had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Installed,
    LeftOut,
}
