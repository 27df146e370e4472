//! The command line: every flag with the text that help, man pages and completions show.

use std::ffi::OsString;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{Parser, Subcommand};

pub(crate) mod check;

/// Say why a WebSocket fails: the cause, the evidence, and who must change what.
#[derive(Debug, Parser)]
#[command(name = "towpath", version, styles = STYLES, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<check::CheckArguments>),
}

/// The words of the command line, with the one ambiguity settled: an address after `--idle` is not its value.
pub(crate) fn mended(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut mended: Vec<OsString> = Vec::new();
    for word in words {
        if word.to_string_lossy().contains("://")
            && let Some(last) = mended.last_mut().filter(|last| *last == "--idle")
        {
            *last = OsString::from(IDLE_DEFAULT);
        }
        mended.push(word);
    }
    mended
}

/// `--idle` with its usual length: beyond the common limits of 60 and 100 seconds.
const IDLE_DEFAULT: &str = "--idle=120";

const AFTER_HELP: &str = "\
Examples:
  towpath check wss://chat.example.com/socket
  towpath demo

Exit status:
  0  healthy: nothing is wrong as far as was tested
  1  a fault was found
  2  the command line, a file or an option cannot be used
  3  cannot tell";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());
