//! The checks of `cargo xtask test`, in order: what is cheap and often broken comes first.

use super::count::Count;
use crate::process::{Outcome, command, must_succeed, show, tee};
use crate::{carried, install, table, tidy};
use anyhow::{Context as _, Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// One check.
pub(super) struct Step {
    pub(super) name: &'static str,
    /// Prints what is wrong; an error counts as one failure.
    pub(super) run: fn(&Path) -> Result<Count>,
}

pub(super) const STEPS: [Step; 13] = [
    Step {
        name: "format",
        run: |root| simple(cargo(root, &["fmt", "--all", "--check"])),
    },
    Step {
        name: "tidy",
        run: tidy,
    },
    Step {
        name: "spelling",
        run: |root| simple(tool(root, "typos", &["--config", "typos.toml"])),
    },
    Step {
        name: "licences and sources of dependencies",
        run: deny,
    },
    Step {
        name: "known vulnerabilities",
        run: advisories,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "browser client",
        run: |root| node_tests(root, "client"),
    },
    Step {
        name: "web pages",
        run: |root| node_tests(root, "web"),
    },
    Step {
        name: "build",
        run: |root| simple(cargo(root, &["build", "--locked", "--workspace", "--bins"])),
    },
    Step {
        name: "tests",
        run: tests,
    },
    Step {
        name: "documentation tests",
        run: documentation_tests,
    },
    Step {
        name: "documentation",
        run: documentation,
    },
    Step {
        name: "table of causes",
        run: table_of_causes,
    },
];

/// A program that passes or fails as a whole.
fn simple(mut command: Command) -> Result<Count> {
    must_succeed(&mut command).map(|()| Count::one_passed())
}

fn tidy(root: &Path) -> Result<Count> {
    if tidy::run(root)? != ExitCode::SUCCESS {
        bail!("tidy found the above; `cargo xtask tidy` repeats it");
    }
    Ok(Count::one_passed())
}

fn deny(root: &Path) -> Result<Count> {
    simple(tool(
        root,
        "cargo-deny",
        &["--locked", "check", "licenses", "bans", "sources"],
    ))
}

/// Needs a copy of the advisory database, which only its own host has; without one this says so and counts nothing.
fn advisories(root: &Path) -> Result<Count> {
    if advisory_database().is_none_or(|folder| !folder.is_dir()) {
        println!(
            "not checked: no copy of the advisory database here. To get one: cargo deny fetch db"
        );
        return Ok(Count::default());
    }
    simple(tool(
        root,
        "cargo-deny",
        &["--locked", "check", "--disable-fetch", "advisories"],
    ))
}

fn advisory_database() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    Some(
        home.or_else(|| Some(env::home_dir()?.join(".cargo")))?
            .join("advisory-dbs"),
    )
}

fn clippy(root: &Path) -> Result<Count> {
    simple(cargo(
        root,
        &[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ))
}

/// The tests of the JavaScript client or of the pages. They need node only; browsers come in with the other tests.
fn node_tests(root: &Path, folder: &str) -> Result<Count> {
    let folder = &root.join(folder);
    let tests = folder.join("test");
    let mut files: Vec<String> = fs::read_dir(&tests)
        .with_context(|| format!("cannot list {}", tests.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".test.js") || name.ends_with(".test.mjs"))
        .map(|name| format!("test/{name}"))
        .collect();
    files.sort();
    // Most of them wait for servers that say nothing: more files at once than there are cores.
    let arguments: Vec<&str> = ["--test", "--test-reporter=tap", "--test-concurrency=4"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let mut command = with_tools(root, command("node", &arguments, folder));
    let outcome = tee(&mut command)?;
    counted(
        &command,
        &outcome,
        Count::of_node(&outcome.lines.iter().map(String::as_str)),
    )
}

fn tests(root: &Path) -> Result<Count> {
    // Old lines would let a cause look tested whose test is gone.
    table::forget_results(root)?;
    let mut command = cargo(
        root,
        &[
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--no-tests=fail",
        ],
    );
    let outcome = tee(&mut command)?;
    if let Some(table) = carried::table(root) {
        println!(
            "\nSessions through bad networks: time to the first message, and what became of all.\n\n{table}"
        );
    }
    counted(
        &command,
        &outcome,
        Count::of_nextest(outcome.lines.iter().map(String::as_str)),
    )
}

fn documentation_tests(root: &Path) -> Result<Count> {
    let mut command = cargo(root, &["test", "--locked", "--workspace", "--doc"]);
    let outcome = tee(&mut command)?;
    counted(
        &command,
        &outcome,
        Count::of_cargo_test(outcome.lines.iter().map(String::as_str)),
    )
}

/// Believes a count only when it agrees with the exit status.
fn counted(command: &Command, outcome: &Outcome, count: Option<Count>) -> Result<Count> {
    match count {
        Some(count) if outcome.success == (count.failed == 0) => Ok(count),
        _ if outcome.success => bail!(
            "`{}` succeeded without the summary that it should print",
            show(command)
        ),
        Some(count) if count.passed > 0 => Ok(Count {
            failed: count.failed.max(1),
            ..count
        }),
        _ => bail!("`{}` failed before it could run its tests", show(command)),
    }
}

fn documentation(root: &Path) -> Result<Count> {
    let mut command = cargo(root, &["doc", "--locked", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    simple(command)
}

fn table_of_causes(root: &Path) -> Result<Count> {
    if table::run(root, table::Mode::Check)? != ExitCode::SUCCESS {
        bail!(
            "docs/causes-coverage.md is out of date: run `cargo xtask causes-table` and commit the page"
        );
    }
    Ok(Count::one_passed())
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    with_tools(
        root,
        command(
            env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            arguments,
            root,
        ),
    )
}

fn tool(root: &Path, name: &str, arguments: &[&str]) -> Command {
    with_tools(
        root,
        command(install::tools_folder(root).join(name), arguments, root),
    )
}

/// Puts the pinned checkers in front of the search path, and where Debian keeps servers at its end.
fn with_tools(root: &Path, mut command: Command) -> Command {
    let old = env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(install::tools_folder(root))
        .chain(env::split_paths(&old))
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    command.env(
        "PATH",
        env::join_paths(path).unwrap_or_else(|_| OsString::from(&old)),
    );
    command
}
