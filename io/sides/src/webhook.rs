//! Webhooks as a side: what is said goes out by `POST`, and nothing comes in.
//!
//! An answer of the 200s is the proof of delivery. It must never show the address, which is a secret; and it posts one piece after the
//! other, since that is the order in which a room reads them.

mod judge;
mod rules;
mod run;
mod settings;
mod target;

pub use rules::rules;
pub use settings::{Settings, WebhookKind};

use crate::side::Side;

/// Starts the side. It must be called within a tokio runtime.
pub fn start(settings: Settings) -> Side {
    Side::start(|end| run::run(settings, end))
}

#[cfg(test)]
mod tests;
