//! The flags of `towpath serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use towpath_serve::config::{OriginPattern, UpstreamUrl};

/// Serve: a gateway in front of a WebSocket backend
///
/// Plain WebSockets pass straight through. Pages that load /.towpath/towpath.js from here get sessions
/// that survive networks which break WebSockets. Other requests are handed to the upstream as HTTP.
///
/// Settings come from --config FILE, else from ./towpath.toml if there is one; flags go before the file.
/// SIGTERM and Ctrl-C end it: connections are closed spread over drain_seconds.
#[derive(Debug, Args)]
#[command(after_long_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArguments {
    /// What stands behind: a ws://, wss://, http:// or https:// URL
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<UpstreamUrl>,

    /// Where to listen; may be given more than once [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = super::listen_address)]
    pub(crate) listen: Vec<SocketAddr>,

    /// The certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) certificate: Option<PathBuf>,

    /// The private key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,

    /// Certificates to trust for the upstream instead of the system's, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) upstream_ca: Option<PathBuf>,

    /// A page's origin to let in besides the gateway's own, for example https://*.example.com
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Vec<OriginPattern>,

    /// Where Prometheus reads /metrics
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) metrics: Option<SocketAddr>,

    /// Where the operator's console is; its token is made in ./towpath-console.token if there is none
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) console: Option<SocketAddr>,

    /// The settings file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Check the settings, files included, and end
    #[arg(long)]
    pub(crate) check_config: bool,
}

const SERVE_EXAMPLES: &str = "\
Examples:
  towpath serve --upstream ws://127.0.0.1:4000
  towpath serve --upstream ws://127.0.0.1:4000 --listen 0.0.0.0:443 --certificate chain.pem --key key.pem
  towpath serve --config /etc/towpath.toml --check-config";
