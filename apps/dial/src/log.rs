//! Where log lines go: standard error, as text.
//!
//! Whoever logs names a thing's kind and address, never a header's value, a query, a message or a token.

use tracing_subscriber::EnvFilter;

/// Sends the log of this process to standard error, from this level on (`warn`, or a filter as `RUST_LOG` has it). Only the first call
/// has an effect.
pub fn start(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("warn"));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr)
        .try_init();
    // Somebody who embeds the endpoint has a log already.
    drop(started);
}
