//! Where log lines go: standard error, as text.
//!
//! Whoever logs names a side, a room and a kind of thing, never a message's text, a name of a user, or a secret.

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
    // Somebody who embeds the relay has a log already.
    drop(started);
}
