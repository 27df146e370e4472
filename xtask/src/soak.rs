//! `cargo xtask soak`: the session core's long run through a simulated network, as long as is asked for.
//!
//! It must never be shorter than the run of the ordinary tests without being told so.

use crate::process::{command, must_succeed};
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// The flags and the variables by which the test hears of them.
const FLAGS: [(&str, &str, u64); 3] = [
    ("--messages", "TOWPATH_SOAK_MESSAGES", 100_000_000),
    ("--cuts", "TOWPATH_SOAK_CUTS", 1_000_000),
    ("--seed", "TOWPATH_SOAK_SEED", 1),
];

/// Builds the test in release mode and runs it with what `words` say.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
    let settings = settings(words)?;
    let mut line = command(
        "cargo",
        &[
            "test",
            "--release",
            "-p",
            "towpath-session",
            "--test",
            "carry",
            "--",
            "--nocapture",
            "a_million",
        ],
        root,
    );
    for (variable, value) in settings {
        line.env(variable, value.to_string());
    }
    must_succeed(&mut line)
}

fn settings(words: &[&str]) -> Result<Vec<(&'static str, u64)>> {
    let mut settings: Vec<_> = FLAGS
        .iter()
        .map(|&(_, variable, value)| (variable, value))
        .collect();
    for pair in words.chunks(2) {
        let [flag, value] = pair else {
            bail!("{} needs a number", pair[0]);
        };
        let Some(index) = FLAGS.iter().position(|(name, ..)| name == flag) else {
            bail!("no such flag: {flag}");
        };
        settings[index].1 = value
            .replace('_', "")
            .parse()
            .with_context(|| format!("{flag} needs a number"))?;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_replace_defaults_and_others_are_refused() {
        let settings = settings(&["--cuts", "5_000"]).unwrap();
        assert_eq!(settings[0].1, 100_000_000);
        assert_eq!(settings[1], ("TOWPATH_SOAK_CUTS", 5000));
        assert!(super::settings(&["--cuts"]).is_err());
        assert!(super::settings(&["--cuts", "many"]).is_err());
        assert!(super::settings(&["--turns", "5"]).is_err());
    }
}
