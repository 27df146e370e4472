//! Where log lines go: standard error, as text or JSON.
//!
//! Whoever logs names a thing's address and kind, never a header's value, a query, a message or a token.

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSettings};

mod throttle;

pub(crate) use throttle::Throttle;

/// Sends the log of this process to standard error. Only the first call has an effect.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // Somebody who embeds the gateway has a log already.
    drop(started);
}
