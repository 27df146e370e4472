//! Gets missing programs as Debian packages, and says how where it cannot.

use super::needs::{NEEDS, Need};
use super::{Change, is_root, services};
use crate::process::{command, find, must_succeed};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::path::Path;

/// Installs the packages of all missing programs with `apt-get`.
pub(super) fn run(root: &Path) -> Result<Change> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met(root)).collect();
    if missing.is_empty() {
        return Ok(Change::None);
    }
    println!("install: these Debian packages hold programs that are missing:");
    for need in &missing {
        println!("  {:<26} {}", need.package, need.what_for);
    }
    let packages = packages(&missing);
    if find("apt-get").is_none() {
        bail!(
            "there is no apt-get here. Install by hand the programs that these Debian packages hold: {packages}"
        );
    }
    if !is_root(root) {
        bail!(
            "installing packages needs root. Run this, then try again:\n\n  sudo apt-get install -y --no-install-recommends {packages}\n"
        );
    }
    println!("install: getting them with apt-get; no service will be started");
    let asleep = services::keep_asleep()?;
    apt(root, &["update", "-q"])?;
    let mut arguments = vec![
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
        "-o",
        "Dpkg::Use-Pty=0",
    ];
    arguments.extend(packages.split(' '));
    apt(root, &arguments)?;
    drop(asleep);
    services::disable(
        root,
        &missing
            .iter()
            .filter_map(|need| need.service)
            .collect::<Vec<_>>(),
    );
    let still: Vec<&Need> = missing
        .into_iter()
        .filter(|need| !need.is_met(root))
        .collect();
    if !still.is_empty() {
        bail!(
            "the packages were installed, but these programs still do not work as needed: {}",
            programs(&still)
        );
    }
    Ok(Change::Installed)
}

fn packages(needs: &[&Need]) -> String {
    let packages: BTreeSet<&str> = needs.iter().map(|need| need.package).collect();
    packages.into_iter().collect::<Vec<_>>().join(" ")
}

fn programs(needs: &[&Need]) -> String {
    needs
        .iter()
        .map(|need| need.program)
        .collect::<Vec<_>>()
        .join(", ")
}

fn apt(root: &Path, arguments: &[&str]) -> Result<()> {
    must_succeed(command("apt-get", arguments, root).env("DEBIAN_FRONTEND", "noninteractive"))
}
