//! The flags of `towpath dial`.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help, which is no Markdown"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::bare_urls,
    reason = "the same; only rustdoc looks, so nothing could be expected"
)]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use towpath_check::Options;
use towpath_reach::Via;
use towpath_token::BrowserOptionsGiven;

use super::network::{HEADING as NETWORK, NetworkArguments};
use super::token_use::{TokenOptions, TokenUseArguments};

/// Dial: a local WebSocket endpoint that reaches a server by the way that works
///
/// Programs of this machine connect to the address that it prints; each connection becomes one to the URL, with path,
/// query, subprotocols, messages, close codes and refusals as they are. The way is found out and told in one line:
/// directly, through a proxy, by a Towpath gateway's sessions, or in a real Chromium.
///
/// Web pages are refused, and nobody beyond this machine can connect, unless told otherwise. SIGTERM and Ctrl-C end it.
#[derive(Debug, Args)]
#[command(after_long_help = DIAL_EXAMPLES)]
pub(crate) struct DialArguments {
    /// The WebSocket's address: wss://host[:port]/path or ws://…
    ///
    /// A local connection to / means exactly it; one to another path means that path of the same server.
    #[arg(value_name = "URL")]
    url: String,

    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = super::listen_address, default_value = "127.0.0.1:0", help_heading = LOCAL)]
    pub(crate) listen: SocketAddr,

    /// Let a web page of this Origin connect, for example https://app.example.com; repeatable
    ///
    /// Any page of it then gets what the server gives this endpoint.
    #[arg(long, value_name = "ORIGIN", help_heading = LOCAL)]
    pub(crate) allow_origin: Vec<String>,

    /// Let clients use this host name besides localhost and the addresses; repeatable
    #[arg(long, value_name = "NAME", help_heading = LOCAL)]
    pub(crate) allow_host: Vec<String>,

    /// Let only clients in that show the token in this file, which is made if it is not there
    ///
    /// As "Authorization: Bearer TOKEN", or as a first subprotocol towpath.token.TOKEN. The server never sees it.
    #[arg(long, value_name = "FILE", help_heading = LOCAL)]
    pub(crate) access_token_file: Option<PathBuf>,

    /// Listen where other machines can connect; needs --access-token-file
    #[arg(long, help_heading = LOCAL)]
    pub(crate) beyond_loopback: bool,

    /// Which way to take
    #[arg(long, value_enum, value_name = "WAY", default_value_t, help_heading = NETWORK)]
    via: Way,

    #[command(flatten)]
    network: NetworkArguments,

    /// Send this Origin, as the browser does for the page that opens the socket
    #[arg(long, value_name = "ORIGIN", help_heading = HANDSHAKE)]
    origin: Option<String>,

    /// Send this header, 'Name: value'; 'Name:' leaves one out, @FILE reads lines from a file
    ///
    /// It replaces the client's own. A browser sends none of them.
    #[arg(short = 'H', long, value_name = "LINE", help_heading = HANDSHAKE)]
    header: Vec<String>,

    #[command(flatten)]
    pub(crate) token: TokenUseArguments,

    /// The page of the site that opens the socket; a browser visits it first, for its cookies
    #[arg(long, value_name = "URL", help_heading = BROWSER)]
    page: Option<String>,

    /// Whose cookies and tokens to use, where you have more than one login
    #[arg(long, value_name = "NAME", help_heading = BROWSER)]
    pub(crate) account: Option<String>,

    /// Use this running browser: the address that it debugs on, http://127.0.0.1:9222 or ws://…
    #[arg(long, value_name = "ADDRESS", help_heading = BROWSER)]
    pub(crate) browser_attach: Option<String>,

    /// Open no further sockets in a browser that takes more memory than this (PSS), for example 500M
    #[arg(long, value_name = "SIZE", value_parser = bytes, help_heading = BROWSER)]
    pub(crate) browser_memory: Option<u64>,

    /// Start no browser, neither to find out what is wrong nor as a way
    #[arg(long, conflicts_with_all = ["browser_attach", "page"], help_heading = BROWSER)]
    pub(crate) no_browser: bool,

    /// Print one JSON object a line: what happens, with a `type`
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,

    /// What goes to standard error: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", value_parser = level, default_value = "warn", help_heading = OUTPUT)]
    pub(crate) log: String,
}

/// A size in bytes, with K, M or G for the powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.trim_end_matches("iB").trim_end_matches('B') {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        _ => 64,
    };
    let size = number.parse::<u64>().ok();
    size.and_then(|size| size.checked_mul(1_u64.checked_shl(shift)?))
        .filter(|size| *size >= SIZE_MIN)
        .ok_or_else(|| "give a size with its unit, for example 500M or 1G".to_owned())
}

/// No browser takes less; who gives less has left out the unit.
const SIZE_MIN: u64 = 1 << 20;

/// A level of the log, or a filter as `RUST_LOG` has it, which names targets and levels.
pub(super) fn level(text: &str) -> Result<String, String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = levels.iter().any(|level| text.eq_ignore_ascii_case(level));
    if is_level || text.contains('=') {
        Ok(text.to_owned())
    } else {
        Err("give error, warn, info, debug or trace".to_owned())
    }
}

/// `--via`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Way {
    /// The best one, found out and told
    #[default]
    Auto,
    /// From this machine to the server
    Direct,
    /// Through the proxy that --proxy or the environment names
    Proxy,
    /// As sessions of the Towpath gateway at the URL, which survive cuts
    Gateway,
    /// In a real Chromium
    Browser,
}

impl DialArguments {
    /// By which way.
    pub(crate) fn via(&self) -> Via {
        match self.via {
            Way::Auto => Via::Auto,
            Way::Direct => Via::Direct,
            Way::Proxy => Via::Proxy,
            Way::Gateway => Via::Gateway,
            Way::Browser => Via::Browser,
        }
    }

    /// The token and where it comes from; nothing where no page is named for it.
    pub(crate) fn token(&self) -> Option<TokenOptions> {
        let network = self.network.options();
        let browser = BrowserOptionsGiven {
            attach: self.browser_attach.clone(),
            proxy: network.proxy,
            proxy_user: network.proxy_user,
            cacert: network.cacert,
            resolve: network.resolve,
        };
        self.token.options(self.account.as_deref(), browser)
    }

    /// How the target is asked, in the options that `check` has for the same.
    pub(crate) fn options(&self) -> Options {
        Options {
            url: self.url.clone(),
            origin: self.origin.clone(),
            headers: self.header.clone(),
            page: self.page.clone(),
            ..self.network.options()
        }
    }
}

const LOCAL: &str = "The local endpoint";
const HANDSHAKE: &str = "The handshake";
const BROWSER: &str = "The browser";
const OUTPUT: &str = "Output";

const DIAL_EXAMPLES: &str = "\
Examples:
  A local endpoint for a server that refuses programs:
      towpath dial --listen 127.0.0.1:9000 wss://chat.example.com/socket
      websocat ws://127.0.0.1:9000/

  As a page of the site would open it, in a browser that has visited that page:
      towpath dial --page https://app.example.com/room/1 --via browser wss://api.example.com/socket

  Through the company's proxy, with its certificate authority:
      towpath dial --proxy http://proxy.corp:3128 --cacert corp-root.pem wss://chat.example.com/

  With the token that the site's page keeps, read once and renewed before it expires:
      towpath dial --token-page https://app.example.com/ --token-storage-key token wss://api.example.com/socket

  Only for programs that know a secret:
      towpath dial --access-token-file ~/.config/towpath/dial.token wss://chat.example.com/socket

Exit status:
  0  ended by a signal   2  usage";

#[cfg(test)]
mod tests {
    use super::{bytes, level};

    #[test]
    fn sizes_are_read() {
        for (text, size) in [
            ("500M", Some(500 << 20)),
            ("1G", Some(1 << 30)),
            ("2048KiB", Some(2 << 20)),
            ("1048576", Some(1 << 20)),
            ("500", None),
            ("0", None),
            ("", None),
            ("M", None),
            ("1T", None),
            ("1.5G", None),
            ("99999999999G", None),
        ] {
            assert_eq!(bytes(text).ok(), size, "{text}");
        }
    }

    #[test]
    fn a_mistyped_level_is_not_taken_for_a_filter() {
        for text in ["info", "WARN", "off", "towpath_reach=debug,warn"] {
            assert_eq!(level(text).as_deref(), Ok(text));
        }
        for text in ["inof", "", "info,"] {
            assert!(level(text).is_err(), "{text}");
        }
    }
}
