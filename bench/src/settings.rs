//! What a run measures and for how long. It must never change between the parties of one run.

use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::time::Duration;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Shorter rounds and fewer of them: for a look, not for a table.
    pub(crate) quick: bool,
    /// Only the experiments and parties whose name contains one of these.
    pub(crate) only: Vec<String>,
    /// The `towpath` program to measure.
    pub(crate) towpath: PathBuf,
    /// Folder with the npm peers.
    pub(crate) npm: PathBuf,
    /// Folder that receives `bench.json` and `bench.md`.
    pub(crate) out: PathBuf,
}

impl Settings {
    /// Reads the words after `run`.
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut settings = Self {
            quick: false,
            only: Vec::new(),
            towpath: "target/release/towpath".into(),
            npm: "bench/npm".into(),
            out: "target".into(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("{word} needs a value"))
            };
            match word.as_str() {
                "--quick" => settings.quick = true,
                "--only" => settings.only.extend(value()?.split(',').map(str::to_owned)),
                "--towpath" => settings.towpath = value()?.into(),
                "--npm" => settings.npm = value()?.into(),
                "--out" => settings.out = value()?.into(),
                other => bail!("no such option: {other}\n\n{HELP}"),
            }
        }
        Ok(settings)
    }

    /// Rounds of the throughput experiment. An odd number has a median that was measured.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 3 } else { 7 }
    }

    /// How long one party is measured in one round.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_millis(if self.quick { 300 } else { 1000 })
    }

    /// Connections of the memory experiment; fewer where the machine allows a process fewer files.
    pub(crate) fn idle_connections(&self) -> usize {
        let wanted = if self.quick { 1_000 } else { 10_000 };
        wanted.min(crate::process::sessions_max())
    }

    /// Rounds of the browser experiment's times.
    pub(crate) fn browser_rounds(&self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    /// Rounds of the browser experiment's memory; each starts every browser anew.
    pub(crate) fn browser_memory_rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    /// Messages each way of the relay experiment.
    pub(crate) fn relay_messages(&self) -> usize {
        if self.quick { 200 } else { 1_000 }
    }

    /// How long a party may tidy up before its memory is read.
    pub(crate) fn settle(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 3 })
    }

    /// Whether the experiment is wanted: `--only` names no experiment, or this one.
    pub(crate) fn wants_experiment(&self, name: &str) -> bool {
        let named = |word: &String| EXPERIMENTS.contains(&word.as_str());
        !self.only.iter().any(named) || self.only.iter().any(|word| word == name)
    }

    /// Whether the party is wanted: `--only` names no party, or a part of this one's name.
    pub(crate) fn wants_party(&self, name: &str) -> bool {
        let mut parts = self
            .only
            .iter()
            .filter(|word| !EXPERIMENTS.contains(&word.as_str()))
            .peekable();
        parts.peek().is_none() || parts.any(|part| name.contains(part.as_str()))
    }
}

/// The experiments by name, in the order in which they are run.
pub(crate) const EXPERIMENTS: [&str; 5] = ["throughput", "memory", "jitter", "browser", "relay"];

pub(crate) const HELP: &str = "\
Measures the gateway and the browser transport beside their peers, and the relay, everything on loopback.

Usage: towpath-bench run [--quick] [--only NAME[,NAME]] [--towpath FILE] [--npm FOLDER] [--out FOLDER]
       towpath-bench echo ADDRESS

  --quick   shorter rounds, fewer connections
  --only    experiments (throughput, memory, jitter, browser, relay) or parts of a party's name
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Settings::parse(&words)
    }

    #[test]
    fn everything_is_wanted_unless_named() {
        let all = parse("").unwrap();
        assert!(all.wants_experiment("memory") && all.wants_party("haproxy"));
        let one = parse("--only memory").unwrap();
        assert!(one.wants_experiment("memory") && !one.wants_experiment("jitter"));
        assert!(one.wants_party("haproxy"));
        let party = parse("--only towpath,throughput --quick").unwrap();
        assert!(party.quick && party.wants_party("towpath session"));
        assert!(!party.wants_party("haproxy") && !party.wants_experiment("memory"));
    }

    #[test]
    fn a_wrong_word_is_named() {
        assert!(parse("--fast").unwrap_err().to_string().contains("--fast"));
        assert!(parse("--only").is_err());
    }
}
