//! The command line: every flag with the text that help, man pages and completions show.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help, which is no Markdown"
)]

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) mod check;
pub(crate) mod dial;
pub(crate) mod network;
pub(crate) mod relay;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod token_use;

/// Say why a WebSocket fails: the cause, the evidence, and who must change what.
#[derive(Debug, Parser)]
#[command(name = "towpath", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = AFTER_HELP, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<check::CheckArguments>),
    Serve(Box<serve::ServeArguments>),
    Dial(Box<dial::DialArguments>),
    Token(Box<token::TokenArguments>),
    Relay(Box<relay::RelayArguments>),
    Explain(ExplainArguments),
    Causes(CausesArguments),
    Lab(LabArguments),
    Demo(DemoArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Explain a file: a saved report, a HAR, or a Chrome network log
///
/// Nothing is sent. A report is judged again by the rules of this program; a HAR or a network log
/// shows what a browser saw, which is less than a check sees.
///
/// To record a HAR: developer tools, Network, reload the page until the WebSocket has failed, then
/// export. To record a network log: chrome://net-export, start logging, reproduce, stop.
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN_EXAMPLES)]
pub(crate) struct ExplainArguments {
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: String,

    /// In a file with several WebSockets: the one whose address contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) url: Option<String>,

    /// Print JSON lines, as `towpath check --json` does
    #[arg(long)]
    pub(crate) json: bool,

    /// Whether to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
}

/// List the causes that are known, or tell everything about one
///
/// The list marks the causes that this program can name by itself, and from where each can be observed
/// at all: the command line, a page (or a file recorded by a browser), a gateway.
#[derive(Debug, Args)]
pub(crate) struct CausesArguments {
    /// The cause, for example http-403-subproto
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Rehearse: run a named fault, a stand-in for a broken network or server
///
/// Without a name, lists all faults and networks. With one, runs it until Ctrl-C and prints the command that checks
/// it. Point your own client at it to see how the client takes such a network.
#[derive(Debug, Args)]
#[command(after_long_help = LAB_EXAMPLES)]
pub(crate) struct LabArguments {
    /// The fault, the stand-in or the network; networks can be joined, as in stripped+far
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen_address, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// What stands behind a middlebox or proxy: host:port or a ws:// or wss:// URL [default: a healthy echo]
    #[arg(long, value_name = "UPSTREAM")]
    pub(crate) upstream: Option<String>,

    /// The idle time, lifetime or delay of a fault in time, in seconds [default: the fault's own]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Option<Duration>,

    /// Let a network speak TLS with its clients, as an inspecting proxy does
    #[arg(long, requires = "name")]
    pub(crate) tls: bool,

    /// Write the certificates that a client has to trust to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_out: Option<PathBuf>,

    /// Keep what is said to a stand-in for a chat server in this file, so that it has it again after a restart
    #[arg(long, value_name = "FILE", requires = "name")]
    pub(crate) archive: Option<PathBuf>,

    /// Print the list as JSON
    #[arg(long, conflicts_with = "name")]
    pub(crate) json: bool,
}

/// Where to listen. Names are not looked up: one may stand for several addresses, some of which others can reach.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let port = text.strip_prefix("localhost").unwrap_or(text);
        let port = port.strip_prefix(':').unwrap_or(port).parse::<u16>();
        let port = port.map_or_else(|_| "9000".to_owned(), |port| port.to_string());
        format!("give an IP address and a port, for example 127.0.0.1:{port}")
    })
}

/// A span in seconds, as the lab takes it.
fn seconds(text: &str) -> Result<Duration, String> {
    let span = text
        .parse()
        .ok()
        .and_then(|span| Duration::try_from_secs_f64(span).ok());
    span.filter(|span| *span <= SECONDS_MAX)
        .ok_or_else(|| "give seconds, for example 3 or 0.5, up to a day".to_owned())
}

/// The longest period of a fault.
const SECONDS_MAX: Duration = Duration::from_hours(24);

/// Show what this program does: three verdicts, and a page to try it on
///
/// First three checks of three stand-ins. Then a web application that searches over a WebSocket, with and without
/// Towpath, through networks that break WebSockets: it prints the address of a page for the browser and runs until
/// Ctrl-C. Needs no network and no other program, and leaves nothing behind. Exit status 0 when all three verdicts
/// are the expected ones.
///
/// With --relay: a chat relay between a stand-in for Kosmi and a real IRC server. It shows what is said in both rooms, also
/// while the relay is killed, and then lets you join by any IRC client. Needs ngircd. Exit status 0 when everything arrived once.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// A chat relay in place of verdicts and page
    #[arg(long, conflicts_with = "json")]
    pub(crate) relay: bool,

    /// No page: the three verdicts alone, or the relay's scene alone
    #[arg(long)]
    pub(crate) headless: bool,

    /// Where the page is served; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen_address, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Print the JSON lines of each check, and no page
    #[arg(long)]
    pub(crate) json: bool,

    /// Whether to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
}

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Print the manual page, or write all of them to a folder
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The folder for towpath.1, towpath-check.1 and so on
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `--color`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The words of the command line, with the one ambiguity settled: an address after a flag whose value may be left out
/// is not its value.
pub(crate) fn mended(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut mended: Vec<OsString> = Vec::new();
    for word in words {
        if word.to_string_lossy().contains("://")
            && let Some(last) = mended.last_mut()
            && let Some((_, whole)) = VALUE_OPTIONAL.iter().find(|(flag, _)| *last == **flag)
        {
            *last = OsString::from(whole);
        }
        mended.push(word);
    }
    mended
}

/// Flags whose value may be left out, with their usual one: an idle time beyond the common limits of 60 and 100
/// seconds, and the place of the token in GraphQL's first message.
const VALUE_OPTIONAL: [(&str, &str); 2] = [
    ("--idle", "--idle=120"),
    ("--connection-init", "--connection-init=/payload/token"),
];

const AFTER_HELP: &str = "\
Examples:
  towpath check wss://chat.example.com/socket     why does it fail?
  towpath explain recording.har                   why did it fail in the browser?
  towpath causes http-403-subproto                what does this cause mean?
  towpath serve --upstream ws://127.0.0.1:4000    a gateway that gets through
  towpath dial wss://chat.example.com/socket      a local endpoint that gets through
  towpath token list                              which tokens of web pages are kept?
  towpath relay init                              how are chat rooms joined?
  towpath demo                                    what does all of it look like?

Exit status of check and explain:
  0  healthy: nothing is wrong as far as was tested
  1  a fault was found
  2  the command line, a file or an option cannot be used
  3  cannot tell";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  towpath explain office.json
  towpath explain --url /socket app.example.com.har
  towpath explain chrome-net-export-log.json";

const LAB_EXAMPLES: &str = "\
Examples:
  towpath lab
  towpath lab seed-phoenix
  towpath lab kosmi --listen 127.0.0.1:4700 --archive rooms.ndjson
  towpath lab proxy-101-rst --listen 127.0.0.1:9000 --upstream ws://127.0.0.1:4000/socket
  towpath lab reset-at-frame+far --listen 127.0.0.1:9000 --upstream 127.0.0.1:4000";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  towpath completions bash > ~/.local/share/bash-completion/completions/towpath
  towpath completions zsh > \"${fpath[1]}/_towpath\"
  towpath completions fish > ~/.config/fish/completions/towpath.fish";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

#[cfg(test)]
mod tests;
