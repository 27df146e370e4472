//! The settings: what can be chosen, what it is when nothing is chosen, and what is wrong with a file.
//!
//! One table ([`OPTIONS`]) is the source of the documentation and of the check for unknown keys.
//! Nothing here opens a socket or reads any file but the settings' own.

mod check;
mod error;
mod file;
mod limits;
mod options;
mod settings;
mod value;

pub use check::check;
pub use error::ConfigError;
pub use file::{from_file, from_text};
pub use limits::Limits;
pub use options::{OPTIONS, OptionDoc, documentation, example};
pub use settings::{
    ConsoleSettings, ForwardingHeader, HostPolicy, LogFormat, LogSettings, MetricsSettings,
    NetworkSettings, OriginSettings, ReportSettings, SessionSettings, Settings, TlsSettings,
    TransportKind, UpstreamSettings,
};
pub use value::{ConsoleToken, Network, OriginPattern, Seconds, TrustedHops, UpstreamUrl};
