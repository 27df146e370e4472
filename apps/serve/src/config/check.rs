//! Rules that concern more than one value, or what no type says.
//!
//! Each message begins with the key it is about, and ends with what to write.

use super::error::ConfigError;
use super::{Limits, Settings};

/// Whether these settings make sense together.
pub fn check(settings: &Settings) -> Result<(), ConfigError> {
    let wrong = |message: &str| Err(ConfigError::new(message));
    if settings.listen.is_empty() {
        return wrong("listen: nothing to listen on; write for example [\"127.0.0.1:8080\"]");
    }
    let network = &settings.network;
    if network.proxy_protocol && network.proxy_protocol_from.is_empty() {
        return wrong(
            "network.proxy_protocol: anybody could claim any address; name the load balancers in network.proxy_protocol_from",
        );
    }
    if settings.sessions.enabled && settings.sessions.transports.is_empty() {
        return wrong(
            "sessions.transports: nothing may carry a session; name one, or write sessions.enabled = false",
        );
    }
    if !settings.metrics.path.starts_with('/') {
        return wrong("metrics.path: it must begin with a slash, for example \"/metrics\"");
    }
    if !(0.0..=1.0).contains(&settings.reports.sample) {
        return wrong("reports.sample: it is a share; write a number from 0 to 1");
    }
    for (name, value) in [
        ("days", settings.reports.days),
        ("megabytes", settings.reports.megabytes),
        ("per_minute", settings.reports.per_minute),
    ] {
        if value == 0 {
            let message = format!(
                "reports.{name}: nothing could be kept; write at least 1, or reports.enabled = false"
            );
            return Err(ConfigError::new(message));
        }
    }
    if settings.upstream.url.url().port() == Some(0) {
        return wrong("upstream.url: nothing can be reached at port 0; name the upstream's port");
    }
    if tracing_subscriber::EnvFilter::try_new(&settings.log.level).is_err() {
        return wrong(
            "log.level: no such level or filter; write error, warn, info, debug or trace",
        );
    }
    limits(&settings.limits)
}

fn limits(limits: &Limits) -> Result<(), ConfigError> {
    for (name, value, least) in [
        ("connections", limits.connections, 1),
        ("connections_per_address", limits.connections_per_address, 1),
        (
            "buffered_bytes_per_session",
            limits.buffered_bytes_per_session,
            BUFFERED_LEAST,
        ),
        ("buffered_bytes", limits.buffered_bytes, BUFFERED_LEAST),
        ("header_bytes", limits.header_bytes, HEADER_LEAST),
        ("body_bytes", limits.body_bytes, BODY_LEAST),
    ] {
        if value < least {
            let message =
                format!("limits.{name}: {value} is too few to work with; write at least {least}");
            return Err(ConfigError::new(message));
        }
    }
    for (name, value) in [
        ("head_seconds", limits.head_seconds),
        ("handshake_seconds", limits.handshake_seconds),
        ("answer_seconds", limits.answer_seconds),
        ("slow_reader_seconds", limits.slow_reader_seconds),
    ] {
        if value.duration().is_zero() {
            let message = format!("limits.{name}: nothing is that fast; write at least 1");
            return Err(ConfigError::new(message));
        }
    }
    Ok(())
}

/// One envelope of the session protocol.
const BUFFERED_LEAST: usize = 65_536;

/// What the HTTP server needs at least.
const HEADER_LEAST: usize = 8192;

/// The body that clients are told they may send.
const BODY_LEAST: usize = 61_440;
