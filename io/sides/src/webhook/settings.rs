//! What a webhook side needs to know.

use std::time::Duration;

use serde::Deserialize;

use crate::hidden::Hidden;
use crate::network::Network;

/// How a webhook side is configured. Two that are equal make the same side.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The side's whole name, `webhook.ops` for example.
    pub name: String,
    /// How the network is reached.
    pub network: Network,
    /// Where to post, `https` or `http`. Whoever knows it can post there, so that it is a secret.
    pub url: Hidden,
    /// What is posted.
    pub kind: WebhookKind,
    /// Signs the body of [`WebhookKind::Json`]; without one there is no signature.
    pub secret: Option<Hidden>,
    /// How long an answer may take. Longer holds back what waits behind it; shorter makes a slow receiver get pieces twice.
    pub answer: Duration,
    /// The first wait after a failure; it doubles.
    pub backoff_first: Duration,
    /// The longest wait after a failure.
    pub backoff_max: Duration,
}

/// What is posted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookKind {
    /// This program's own JSON, signed where a secret is given.
    #[default]
    Json,
    /// What Discord's webhooks take; edits and deletions become such.
    Discord,
    /// What Slack's incoming webhooks take.
    Slack,
    /// What Mattermost's incoming webhooks take.
    Mattermost,
}

impl Settings {
    /// A webhook of this kind, with every other setting at its default.
    pub fn new(name: impl Into<String>, url: Hidden, kind: WebhookKind) -> Self {
        Self {
            name: name.into(),
            network: Network::default(),
            url,
            kind,
            secret: None,
            answer: Duration::from_secs(20),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_mins(5),
        }
    }
}
