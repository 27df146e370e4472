//! What a Matterbridge side needs to know.

use std::time::Duration;

use towpath_reach::Via;
use url::Url;

use crate::hidden::Hidden;
use crate::network::Network;

/// How a Matterbridge side is configured. Two that are equal make the same side.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The side's whole name, `matterbridge.home` for example.
    pub name: String,
    /// How the network is reached.
    pub network: Network,
    /// Where its API listens, `http` or `https`, with or without a path before `/api`.
    pub url: Url,
    /// The API's `Token`, where it has one.
    pub token: Option<Hidden>,
    /// Whether no other program uses this API. Then what was said during a gap is taken from its buffer, as far as that reaches.
    pub only_client: bool,
    /// By which way to the websocket.
    pub via: Via,
    /// How long the websocket may say nothing before another one is opened beside it and takes its place. Shorter finds a dead one
    /// sooner; longer costs a quiet Matterbridge fewer connections.
    pub silence: Duration,
    /// How long Matterbridge may take to answer a message. It answers when its own queue has it, which waits for its slowest network.
    pub answer: Duration,
    /// The first wait after a loss; it doubles.
    pub backoff_first: Duration,
    /// The longest wait after a loss.
    pub backoff_max: Duration,
}

impl Settings {
    /// The API at this address without a token, with every other setting at its default.
    pub fn new(name: impl Into<String>, url: Url) -> Self {
        Self {
            name: name.into(),
            network: Network::default(),
            url,
            token: None,
            only_client: false,
            via: Via::Auto,
            silence: Duration::from_mins(1),
            answer: Duration::from_mins(1),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_mins(1),
        }
    }
}
