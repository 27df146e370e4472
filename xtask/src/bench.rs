//! `cargo xtask bench`: builds what is measured, fetches the npm peers, and hands over to the bench.
//!
//! It must never measure a debug build.

use crate::process::{command, find, must_succeed};
use anyhow::Result;
use std::path::Path;

/// Builds in release mode and runs the bench with `words` as they are. With `--dist` it measures the program that packages hold.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
    let (dist, words): (Vec<&str>, Vec<&str>) =
        words.iter().copied().partition(|word| *word == "--dist");
    let profile = if dist.is_empty() { "release" } else { "dist" };
    let build = |profile, package| {
        let words = ["build", "--profile", profile, "-p", package];
        must_succeed(&mut command("cargo", &words, root))
    };
    build(profile, "towpath")?;
    build("release", "towpath-bench")?;
    let npm = root.join("bench/npm");
    if !is_current(&npm) {
        if find("npm").is_some() {
            must_succeed(&mut command(
                "npm",
                &["ci", "--no-audit", "--no-fund"],
                &npm,
            ))?;
        } else {
            eprintln!("npm is missing: its peers will be reported as not installed");
        }
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut line = command(target.join("release/towpath-bench"), &["run"], root);
    line.args(words)
        .arg("--towpath")
        .arg(target.join(profile).join("towpath"))
        .arg("--out")
        .arg(&target);
    must_succeed(&mut line)
}

/// Whether the peers that are installed are those of the lock file: npm notes what it installed beside them.
fn is_current(npm: &Path) -> bool {
    let changed = |file| npm.join(file).metadata()?.modified();
    let installed = changed("node_modules/.package-lock.json");
    let locked = changed("package-lock.json");
    matches!((installed, locked), (Ok(installed), Ok(locked)) if installed >= locked)
}
