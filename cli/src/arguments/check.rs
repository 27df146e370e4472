//! The options of `towpath check`, named as curl names them where curl has one.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help, which is no Markdown"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets in the help mean that a part may be left out; only rustdoc looks, so nothing could be expected"
)]

use clap::{Args, ValueEnum};
use towpath_check::Options;
use towpath_check::options::{BUDGET, span_ms};
use towpath_diagnosis::observation::BrowserUse;

use super::Color;
use super::network::{HEADING as NETWORK, NetworkArguments};

/// Check a WebSocket, rung by rung, and say what is wrong
///
/// Climbs from the name lookup over TCP, proxy, TLS and HTTP to the opening handshake and the
/// first frames. Where a rung fails, asks what would tell its possible causes apart, one change at a
/// time. Then prints the verdict, the evidence for it, and who must change what.
///
/// Polite: it sends well-formed requests one after the other, 25 at most, and honours Retry-After.
/// Secrets are removed from everything that is printed or saved.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_LONG_HELP)]
pub(crate) struct CheckArguments {
    /// The WebSocket's address: wss://host[:port]/path or ws://…
    #[arg(value_name = "URL", required_unless_present = "compare")]
    url: Option<String>,

    /// Offer this subprotocol; repeat it, or part several by commas
    #[arg(long, value_name = "NAME", help_heading = HANDSHAKE)]
    subprotocol: Vec<String>,

    /// Send this Origin, as the browser does for the page that opens the socket
    #[arg(long, value_name = "ORIGIN", help_heading = HANDSHAKE)]
    origin: Option<String>,

    /// Send this header, 'Name: value'; 'Name:' leaves one out, @FILE reads lines from a file
    #[arg(short = 'H', long, value_name = "LINE", help_heading = HANDSHAKE)]
    header: Vec<String>,

    /// Send these cookies, 'name=value; name=value'; @FILE reads them from a file
    #[arg(short = 'b', long, value_name = "COOKIES", help_heading = HANDSHAKE)]
    cookie: Option<String>,

    /// Send this User-Agent
    #[arg(short = 'A', long, value_name = "TEXT", help_heading = HANDSHAKE)]
    user_agent: Option<String>,

    /// Send this token; @FILE and env:NAME keep it out of the shell's history
    ///
    /// It is never printed. Of a JSON Web Token the dates are read, so that an expired one is named.
    #[arg(long, value_name = "TOKEN", help_heading = HANDSHAKE)]
    token: Option<String>,

    /// Where the token goes: header, query, query:NAME, or init
    ///
    /// `header` is "Authorization: Bearer …", `query` a parameter named token, `init` the payload of
    /// GraphQL's connection_init. Without it: init where a GraphQL subprotocol is offered, else header.
    #[arg(long, value_name = "PLACE", help_heading = HANDSHAKE)]
    token_in: Option<String>,

    /// Visit this page first where its cookies may matter
    #[arg(long, value_name = "URL", help_heading = HANDSHAKE)]
    page: Option<String>,

    /// A request that works elsewhere: a file with a copied curl command, or a HAR
    ///
    /// Where the check's own handshake is refused, the smallest difference that matters is looked for.
    /// In a browser: developer tools, Network, WS, right click the request, Copy as cURL.
    #[arg(long, value_name = "FILE", help_heading = HANDSHAKE)]
    like: Option<String>,

    /// Whether a real Chromium may be asked too
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Browser::Auto, help_heading = HANDSHAKE)]
    browser: Browser,

    /// Ask this running browser: the address that it debugs on, http://127.0.0.1:9222 or ws://…
    ///
    /// It has the cookies and log-ins of whoever uses it. Its pages are left alone.
    #[arg(long, value_name = "ADDRESS", help_heading = HANDSHAKE)]
    browser_attach: Option<String>,

    /// Send this text once the socket is open
    #[arg(long, value_name = "TEXT", help_heading = MESSAGES)]
    send: Option<String>,

    /// What an answer must contain
    #[arg(long, value_name = "TEXT", help_heading = MESSAGES)]
    expect: Option<String>,

    /// The target echoes: try sizes, binary, fragments and bursts
    #[arg(long, help_heading = MESSAGES)]
    echo: bool,

    /// Also watch how long sockets live, idle and with traffic
    ///
    /// Several sockets side by side for this long; 120 seconds where no number follows. Takes 90, 90s, 5m.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "120", value_parser = idle_ms, help_heading = MESSAGES)]
    idle: Option<u64>,

    #[command(flatten)]
    network: NetworkArguments,

    /// End after this many seconds whatever is still open [default: 60, more with --idle]
    #[arg(short = 'm', long, value_name = "SECONDS", help_heading = NETWORK)]
    max_time: Option<f64>,

    /// Send the target at most this many requests
    #[arg(long, value_name = "N", default_value_t = BUDGET, help_heading = NETWORK)]
    budget: u32,

    /// Print one JSON object a line: observations as they are made, then the verdict
    ///
    /// The last line has `"type":"verdict"`. docs/report-schema.md describes all of them.
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,

    /// Save the report to this file, for `towpath explain` and --compare
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(crate) save: Option<String>,

    /// Save all requests and answers as an HTTP archive, which browsers' developer tools open
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(crate) har: Option<String>,

    /// Compare two saved reports, for example from the office and from a phone's hotspot
    ///
    /// Says which rungs differ and what that proves. Nothing is sent.
    #[arg(long, num_args = 2, value_names = ["A", "B"], help_heading = OUTPUT, conflicts_with = "url")]
    pub(crate) compare: Option<Vec<String>>,

    /// Whether to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, help_heading = OUTPUT)]
    pub(crate) color: Color,
}

/// `--browser`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Browser {
    /// Where it would tell more, if there is one
    Auto,
    /// Not at all
    Never,
    /// The browser's own attempt is the only one
    Only,
}

impl CheckArguments {
    /// The options as the app takes them.
    pub(crate) fn options(&self) -> Options {
        let text = |value: &Option<String>| value.clone();
        Options {
            url: text(&self.url).unwrap_or_default(),
            headers: self.header.clone(),
            max_time: self.max_time,
            user_agent: text(&self.user_agent),
            cookie: text(&self.cookie),
            browser: match self.browser {
                Browser::Auto => BrowserUse::Auto,
                Browser::Never => BrowserUse::Never,
                Browser::Only => BrowserUse::Only,
            },
            browser_attach: text(&self.browser_attach),
            origin: text(&self.origin),
            subprotocols: self.subprotocol.clone(),
            page: text(&self.page),
            token: text(&self.token),
            token_in: text(&self.token_in),
            send: text(&self.send),
            expect: text(&self.expect),
            echo: self.echo,
            idle_ms: self.idle,
            budget: self.budget,
            like: text(&self.like),
            ..self.network.options()
        }
    }
}

fn idle_ms(text: &str) -> Result<u64, String> {
    span_ms(text).ok_or_else(|| "give seconds, or a span such as 90s or 5m, up to a day".to_owned())
}

const HANDSHAKE: &str = "The handshake";
const MESSAGES: &str = "Once it is open";
const OUTPUT: &str = "Output";

const AFTER_LONG_HELP: &str = "\
Examples:
  A plain check:
      towpath check wss://chat.example.com/socket

  As a page of the site would open it, with its cookies:
      towpath check --origin https://app.example.com --page https://app.example.com/room/1 \\
          wss://api.example.com/socket

  GraphQL with a token from a file:
      towpath check --subprotocol graphql-transport-ws --token @token.txt wss://api.example.com/graphql

  Through the company's proxy, with its certificate authority:
      towpath check --proxy http://proxy.corp:3128 --cacert corp-root.pem wss://chat.example.com/

  Does it die when nothing is sent?
      towpath check --idle 5m wss://chat.example.com/socket

  The same check in two places, and what the difference proves:
      towpath check --save office.json wss://chat.example.com/socket
      towpath check --save hotspot.json wss://chat.example.com/socket
      towpath check --compare office.json hotspot.json

Exit status:
  0  healthy   1  fault found   2  usage   3  cannot tell";
