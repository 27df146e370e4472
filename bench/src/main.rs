//! `towpath-bench`: one load generator, every party in one run, ratios between paired rounds.
//!
//! It must never measure itself: generator and backend stay on one core, the measured party on another
//! where the machine has two. What is printed are medians of rounds that were run side by side.

mod echo;
mod experiments;
mod frames;
mod load;
mod party;
mod process;
mod report;
mod settings;
mod statistics;

use anyhow::Result;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<()> {
    match words.first().map(String::as_str) {
        Some("echo") => echo::serve(words.get(1).map_or("127.0.0.1:0", String::as_str)),
        Some("run") => experiments::run(&settings::Settings::parse(&words[1..])?),
        _ => {
            print!("{}", settings::HELP);
            Ok(())
        }
    }
}
