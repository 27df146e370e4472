//! The flags of `towpath relay`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Relay: what is said in one chat room is said in others
///
/// Kosmi rooms, IRC channels, Matterbridge gateways and webhooks, as relay.toml links them: nothing lost, nothing twice,
/// in order. What cannot be told yet is kept in a file, also over a restart. SIGHUP reads relay.toml anew, and what
/// stayed the same goes on untouched; SIGTERM and Ctrl-C end it.
#[derive(Debug, Args)]
#[command(after_long_help = RELAY_EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct RelayArguments {
    #[command(subcommand)]
    pub(crate) command: Option<RelayCommand>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What to do instead.
#[derive(Debug, Subcommand)]
pub(crate) enum RelayCommand {
    Init(InitArguments),
    Check(CheckArguments),
    Status(StatusArguments),
    Profile(ProfileArguments),
}

/// The relay itself.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = USUAL_FILE)]
    pub(crate) config: PathBuf,

    /// Print one JSON object a line: what changes, with a `type`
    #[arg(long)]
    pub(crate) json: bool,

    /// What goes to standard error: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", value_parser = super::dial::level, default_value = "error")]
    pub(crate) log: String,
}

/// Write a configuration to begin with
///
/// It holds every setting with what it means. The file is for you alone, and is never written over.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The file
    #[arg(value_name = "FILE", default_value = USUAL_FILE)]
    pub(crate) file: PathBuf,
}

/// Try every side before the relay runs
///
/// Each side connects, logs in and enters its rooms as the relay would, and leaves again. What fails is explained as by
/// towpath check: why, and who must change what. Nothing is said in any room unless you ask for it.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = USUAL_FILE)]
    pub(crate) config: PathBuf,

    /// Say this in every room that the relay tells something, and see whether it arrives
    #[arg(long, value_name = "TEXT")]
    pub(crate) say: Option<String>,

    /// How many seconds a side may take to be ready
    #[arg(long, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) time: u64,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Say how a running relay goes
///
/// Asks the relay of this configuration on this machine. Exit status 0 only while every side and room is ready, so that
/// it can serve as a health check.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = USUAL_FILE)]
    pub(crate) config: PathBuf,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print what is known of Kosmi, as a file that can be corrected
///
/// Kosmi publishes nothing of how its chat works, and may change it. Write this to a file, correct it, and name the file
/// with profile in the Kosmi side's table.
#[derive(Debug, Args)]
pub(crate) struct ProfileArguments {}

const USUAL_FILE: &str = "relay.toml";

const RELAY_EXAMPLES: &str = "\
Examples:
  Begin:
      towpath relay init
      towpath relay check --config relay.toml
      towpath relay --config relay.toml

  How does it go?
      towpath relay status
      curl http://127.0.0.1:9380/metrics

  Take over a change of relay.toml:
      kill -HUP PID

Exit status:
  0  ended by a signal; status: every side and room is ready; check: all is well
  1  status, check: not so
  2  the command line or a file cannot be used, or no relay answers";
