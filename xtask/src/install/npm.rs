//! Installs the npm packages of `tests/npm` exactly as its lock file names them.

use super::Change;
use crate::process::{command, must_succeed};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

/// Runs `npm ci` unless the last run was for the same lock file.
pub(super) fn run(root: &Path) -> Result<Change> {
    let folder = root.join("tests/npm");
    let lock = fs::read(folder.join("package-lock.json"))
        .context("cannot read tests/npm/package-lock.json")?;
    let stamp = folder.join("node_modules/.towpath-installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(Change::None);
    }
    println!("install: the npm packages of tests/npm, into tests/npm/node_modules");
    must_succeed(&mut command(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        &folder,
    ))?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Change::Installed)
}
