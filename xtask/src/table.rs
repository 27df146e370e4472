//! `cargo xtask causes-table`: which cause has a rule, a lab fault and an end-to-end test.
//!
//! The page is made by a program of the tests package, which knows the catalogue; xtask only calls it, so that xtask
//! itself stays quick to build.

use crate::process::command;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

/// What to do with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

/// Writes or checks `docs/causes-coverage.md`.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<ExitCode> {
    let mut arguments = vec![
        "run",
        "--quiet",
        "--locked",
        "--package",
        "towpath-tests",
        "--bin",
        "causes-table",
    ];
    if mode == Mode::Check {
        arguments.extend(["--", "--check"]);
    }
    let status = command("cargo", &arguments, root)
        .status()
        .context("cannot start cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Removes the results of earlier runs.
pub(crate) fn forget_results(root: &Path) -> Result<()> {
    for results in [RESULTS, crate::carried::RESULTS] {
        match fs::remove_file(root.join(results)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {results}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where end-to-end tests note what they saw: `cause`, test name and `ok` or `wrong`, separated by tabs, one a line.
const RESULTS: &str = "target/e2e-results.tsv";
