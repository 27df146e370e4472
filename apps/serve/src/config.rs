//! The settings: what can be chosen, and what it is when nothing is chosen.
//!
//! Nothing here opens a socket or reads any file but the settings' own.

mod limits;
mod settings;
mod value;

pub use limits::Limits;
pub use settings::{
    HostPolicy, LogFormat, LogSettings, MetricsSettings, NetworkSettings, OriginSettings,
    SessionSettings, Settings, TlsSettings, TransportKind, UpstreamSettings,
};
pub use value::{Network, OriginPattern, Seconds, TrustedHops, UpstreamUrl};
