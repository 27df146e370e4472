//! What was learned about each network that clients come from, shared by all sessions.
//!
//! What cuts teach is the affair of `towpath_session::adapt`; this only asks and tells it.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use towpath_session::adapt::{Adaptation, Connection, Cut, Network, Profile};

use crate::config::{SessionSettings, TransportKind};

/// All networks.
#[derive(Debug)]
pub(super) struct Networks {
    adaptation: Mutex<Adaptation>,
}

impl Networks {
    /// Nothing learned.
    pub(super) fn new(settings: &SessionSettings) -> Self {
        let heartbeat = settings.heartbeat_seconds.duration().as_millis();
        Self {
            adaptation: Mutex::new(Adaptation::new(Profile {
                heartbeat_ms: u64::try_from(heartbeat).unwrap_or(u64::MAX).max(1),
                response_ms: RESPONSE_MS_MAX,
                response_bytes: RESPONSE_BYTES_MAX,
                padding_bytes: 0,
            })),
        }
    }

    /// What fits the network of an address.
    pub(super) fn profile(&self, address: IpAddr, now: u64) -> Profile {
        self.adaptation().profile(Network::from(address), now)
    }

    /// A transport in use was cut.
    pub(super) fn cut(&self, address: IpAddr, transport: TransportKind, cut: Cut, now: u64) {
        let connection = match transport {
            TransportKind::Websocket => Connection::Socket,
            TransportKind::Stream | TransportKind::Sse | TransportKind::Poll => {
                Connection::Response
            }
        };
        let network = Network::from(address);
        let mut adaptation = self.adaptation();
        if adaptation.cut(network, connection, cut, now) {
            let learned = adaptation.profile(network, now);
            tracing::info!(network = %address, ?learned, "cuts of this network have a pattern");
        }
    }

    /// A client left a streaming response for a worse transport.
    pub(super) fn held_back(&self, address: IpAddr, now: u64) {
        self.adaptation().held_back(Network::from(address), now);
    }

    fn adaptation(&self) -> MutexGuard<'_, Adaptation> {
        self.adaptation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// No response lives longer, learned or not.
const RESPONSE_MS_MAX: u64 = 30 * 60 * 1000;

/// No response grows larger, learned or not.
const RESPONSE_BYTES_MAX: u64 = 256 << 20;
