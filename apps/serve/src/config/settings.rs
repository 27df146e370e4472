//! The settings as types. Every field is described in [`super::OPTIONS`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use http::HeaderName;
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::value::{
    ConsoleToken, Network, OriginPattern, Seconds, TrustedHops, UpstreamUrl, header_names,
};

/// All settings of a gateway.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// Where to listen without TLS although there is a certificate.
    pub listen_plain: Vec<SocketAddr>,
    /// How long connections have to end after SIGTERM or SIGINT.
    pub drain_seconds: Seconds,
    /// Whether the gateway compresses towards clients where the backend does not.
    pub compression: bool,
    /// `[upstream]`.
    pub upstream: UpstreamSettings,
    /// `[tls]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSettings>,
    /// `[network]`.
    pub network: NetworkSettings,
    /// `[origins]`.
    pub origins: OriginSettings,
    /// `[sessions]`.
    pub sessions: SessionSettings,
    /// `[limits]`.
    pub limits: Limits,
    /// `[reports]`.
    pub reports: ReportSettings,
    /// `[console]`.
    pub console: ConsoleSettings,
    /// `[metrics]`.
    pub metrics: MetricsSettings,
    /// `[log]`.
    pub log: LogSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))],
            listen_plain: Vec::new(),
            drain_seconds: Seconds::whole(30),
            compression: false,
            upstream: UpstreamSettings::default(),
            tls: None,
            network: NetworkSettings::default(),
            origins: OriginSettings::default(),
            sessions: SessionSettings::default(),
            limits: Limits::default(),
            reports: ReportSettings::default(),
            console: ConsoleSettings::default(),
            metrics: MetricsSettings::default(),
            log: LogSettings::default(),
        }
    }
}

/// `[upstream]`: what stands behind the gateway.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpstreamSettings {
    /// `ws://`, `wss://`, `http://` or `https://`; a path goes in front of every request's.
    pub url: UpstreamUrl,
    /// Certificates to trust instead of the system's and Mozilla's, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// What `Host` says.
    pub host: HostPolicy,
    /// Whether plain HTTP requests are handed on too.
    pub forward_http: bool,
    /// Only these client headers are handed on (and `Cookie`, `Origin`, `Authorization`); empty: all.
    #[serde(with = "header_names")]
    pub forward_headers: Vec<HeaderName>,
    /// Client headers that are never handed on.
    #[serde(with = "header_names")]
    pub drop_headers: Vec<HeaderName>,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            url: UpstreamUrl::default(),
            ca: None,
            host: HostPolicy::Preserve,
            forward_http: true,
            forward_headers: Vec::new(),
            drop_headers: Vec::new(),
        }
    }
}

/// What `Host` says to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HostPolicy {
    /// What the client asked for.
    Preserve,
    /// The upstream's own.
    Upstream,
}

/// `[tls]`: the gateway's own certificate.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The chain, leaf first, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// `[network]`: what stands in front of the gateway.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NetworkSettings {
    /// Whether connections begin with a PROXY protocol header.
    pub proxy_protocol: bool,
    /// From whom such a header is believed.
    pub proxy_protocol_from: Vec<Network>,
    /// Whose forwarding headers are believed.
    pub trusted_hops: TrustedHops,
    /// Which kind of them.
    pub forwarding_header: ForwardingHeader,
}

/// The kind of forwarding header that trusted hops write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// `[origins]`: which web pages may use this gateway.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OriginSettings {
    /// Besides the page's own host.
    pub allow: Vec<OriginPattern>,
    /// Whether pages of the host that was asked for may connect.
    pub same_origin: bool,
    /// Whether programs that send no `Origin` may connect.
    pub without_origin: bool,
}

impl Default for OriginSettings {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            same_origin: true,
            without_origin: true,
        }
    }
}

/// `[sessions]`: how sessions are carried.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionSettings {
    /// Whether there are sessions at all.
    pub enabled: bool,
    /// What may carry them.
    pub transports: Vec<TransportKind>,
    /// Silence after which the gateway sends a ping.
    pub heartbeat_seconds: Seconds,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            transports: TransportKind::ALL.to_vec(),
            heartbeat_seconds: Seconds::whole(25),
        }
    }
}

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// One WebSocket.
    Websocket,
    /// A streamed response down, POSTs up.
    Stream,
    /// An event stream down, POSTs up.
    Sse,
    /// Long polls down, POSTs up.
    Poll,
}

impl TransportKind {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Websocket, Self::Stream, Self::Sse, Self::Poll];

    /// As it is written in settings, endpoints and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Stream => "stream",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }
}

/// `[reports]`: what gateway and pages saw, and how long it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReportSettings {
    /// Whether pages are asked to report and reports are kept.
    pub enabled: bool,
    /// Whether the check page and its probes are served.
    pub check_page: bool,
    /// Where they are kept; in memory without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// How many days.
    pub days: u32,
    /// How many megabytes at most.
    pub megabytes: u32,
    /// The share of sessions whose pages are asked to report failures, from 0 to 1.
    pub sample: f64,
    /// Reports of one address in a minute.
    pub per_minute: u32,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            check_page: true,
            file: None,
            days: 30,
            megabytes: 64,
            sample: 1.0,
            per_minute: 30,
        }
    }
}

/// `[console]`: the operator's web page.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsoleSettings {
    /// A listener of its own; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The file that holds the token; it is made, for its owner alone, if it is not there.
    pub token_file: PathBuf,
    /// A token given by the program that starts the gateway, in place of the file; in no settings file.
    #[serde(skip)]
    pub token: Option<ConsoleToken>,
    /// Names that the console may be asked for by, besides addresses and `localhost`.
    pub hosts: Vec<String>,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            listen: None,
            token_file: PathBuf::from("towpath-console.token"),
            token: None,
            hosts: Vec::new(),
        }
    }
}

/// `[metrics]`: where Prometheus reads.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MetricsSettings {
    /// A listener of its own; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The path there.
    pub path: String,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self {
            listen: None,
            path: "/metrics".to_owned(),
        }
    }
}

/// `[log]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LogSettings {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// A level, or a filter such as `info,towpath_serve=debug`.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".to_owned(),
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text.
    Text,
    /// One JSON object a line.
    Json,
}
