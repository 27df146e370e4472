//! The options for the way to a target, as every command that dials has them; named as curl names them.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help, which is no Markdown"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets in the help mean that a part may be left out; only rustdoc looks, so nothing could be expected"
)]

use clap::Args;
use towpath_check::Options;
use towpath_check::options::Family;

/// Proxy, trust, addresses and waits.
#[derive(Debug, Args)]
pub(crate) struct NetworkArguments {
    /// Go through this proxy: http://, https://, socks5:// or socks5h://[user:password@]host:port
    ///
    /// Without it, the proxy that http_proxy, https_proxy or all_proxy names is used, as in curl. An
    /// empty text means none.
    #[arg(short = 'x', long, value_name = "URL", help_heading = HEADING)]
    proxy: Option<String>,

    /// User and password for the proxy
    #[arg(short = 'U', long, value_name = "USER:PASSWORD", help_heading = HEADING)]
    proxy_user: Option<String>,

    /// Hosts that are reached without a proxy, parted by commas; * for all
    #[arg(long, value_name = "HOSTS", help_heading = HEADING)]
    noproxy: Option<String>,

    /// Connect to this address instead of asking DNS; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", help_heading = HEADING)]
    resolve: Vec<String>,

    /// Use IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6", help_heading = HEADING)]
    ipv4: bool,

    /// Use IPv6 only
    #[arg(short = '6', long, help_heading = HEADING)]
    ipv6: bool,

    /// Trust the authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    cacert: Option<String>,

    /// Show this client certificate (PEM, with its chain)
    #[arg(short = 'E', long, value_name = "FILE", help_heading = HEADING)]
    cert: Option<String>,

    /// The client certificate's key (PEM), where --cert does not hold it
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    key: Option<String>,

    /// Give up a TCP connection after this many seconds [default: 3]
    #[arg(long, value_name = "SECONDS", help_heading = HEADING)]
    connect_timeout: Option<f64>,
}

impl NetworkArguments {
    /// The options that these flags set, and no others.
    pub(crate) fn options(&self) -> Options {
        Options {
            proxy: self.proxy.clone(),
            noproxy: self.noproxy.clone(),
            proxy_user: self.proxy_user.clone(),
            cacert: self.cacert.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
            resolve: self.resolve.clone(),
            connect_timeout: self.connect_timeout,
            family: match (self.ipv4, self.ipv6) {
                (true, _) => Some(Family::Ipv4),
                (_, true) => Some(Family::Ipv6),
                _ => None,
            },
            ..Options::default()
        }
    }
}

/// The heading in the help.
pub(crate) const HEADING: &str = "The way there";
