//! `cargo xtask test`: installs, then runs every check, cheapest first, and stops at the first that fails.
//!
//! The last line printed is always `N passed, N failed`: each check counts once, each test once.

mod count;
mod steps;

use crate::install;
use anyhow::Result;
use count::Count;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use steps::STEPS;

/// Runs everything and prints the count; failure as soon as one step failed.
pub(crate) fn run(root: &Path) -> ExitCode {
    let start = Instant::now();
    let mut total = Count::default();
    let mut times = Vec::new();
    let mut passed = announce("install", &mut times, &mut total, || {
        install::run(root).map(|()| Count::one_passed())
    });
    for step in STEPS {
        passed = passed && announce(step.name, &mut times, &mut total, || (step.run)(root));
    }
    println!("\ntimes:");
    for (name, time) in &times {
        println!("  {:>7.1} s  {name}", time.as_secs_f64());
    }
    println!("  {:>7.1} s  in all", start.elapsed().as_secs_f64());
    if !install::is_root(root) {
        println!("\nnot root: tests that need a network of their own were left out");
    }
    if !passed {
        let name = times.last().map_or("install", |(name, _)| name);
        println!("\nstopped: the step `{name}` failed, see above; later steps did not run");
    }
    println!("{total}");
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs one step under a heading, adds its count and its time; true when nothing in it failed.
fn announce(
    name: &'static str,
    times: &mut Vec<(&'static str, Duration)>,
    total: &mut Count,
    step: impl FnOnce() -> Result<Count>,
) -> bool {
    println!("\n== {name}");
    let start = Instant::now();
    let count = step().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Count::one_failed()
    });
    times.push((name, start.elapsed()));
    *total += count;
    count.failed == 0
}
