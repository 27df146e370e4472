//! Installs npm packages exactly as the lock files of their folders name them.

use super::Change;
use crate::process::{command, must_succeed};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

/// Folders whose packages the tests need: servers and client libraries, and what checks the browser client's types.
const FOLDERS: [&str; 2] = ["tests/npm", "client"];

/// Installs in every folder that has a lock file.
pub(super) fn run(root: &Path) -> Result<Change> {
    let mut change = Change::None;
    for folder in FOLDERS {
        if root.join(folder).join("package-lock.json").is_file() && install(root, folder)? {
            change = Change::Installed;
        }
    }
    Ok(change)
}

/// Runs `npm ci` unless the last run was for the same lock file; says whether it ran.
fn install(root: &Path, name: &str) -> Result<bool> {
    let folder = root.join(name);
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("cannot read {name}/package-lock.json"))?;
    let stamp = folder.join("node_modules/.towpath-installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(false);
    }
    println!("install: the npm packages of {name}, into {name}/node_modules");
    must_succeed(&mut command(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        &folder,
    ))?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}
