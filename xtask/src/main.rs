//! The project's own chores, run as `cargo xtask COMMAND`.
//!
//! It must stay quick to build: no crate of the workspace and no network library is a dependency.

mod bench;
mod carried;
mod install;
mod process;
mod soak;
mod table;
mod test;
mod tidy;

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let root = workspace_root()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => Ok(test::run(&root)),
        ["install"] => install::run(&root).map(|()| ExitCode::SUCCESS),
        ["tidy"] => tidy::run(&root),
        ["causes-table"] => table::run(&root, table::Mode::Write),
        ["causes-table", "--check"] => table::run(&root, table::Mode::Check),
        ["soak", words @ ..] => soak::run(&root, words).map(|()| ExitCode::SUCCESS),
        ["bench", words @ ..] => bench::run(&root, words).map(|()| ExitCode::SUCCESS),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("no such command: {}\n\n{HELP}", other.join(" ")),
    }
}

/// The folder of the workspace's manifest: the parent of this crate's own folder.
fn workspace_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("the xtask crate has no parent folder")
}

const HELP: &str = "\
The project's own chores.

Usage: cargo xtask COMMAND

Commands:
  test                  Install what the tests need, then format, lint and test everything
  install               Only install what the tests need (Debian packages, npm packages, cargo tools)
  tidy                  Check the project's own rules: tiers, sizes, leftovers, words, links, licences
  bench                 Measure the gateway beside its peers: [--quick] [--dist] [--only NAME[,NAME]]
  soak                  Carry messages through a simulated network: [--messages N] [--cuts N] [--seed N]
  causes-table          Write docs/causes-coverage.md from the results of the last test run
  causes-table --check  Fail if that page is not what the last test run says
";
