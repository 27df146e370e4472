//! The networks that the page can be switched to.
//!
//! Only names and figures; what a network does is the lab's business.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use towpath_lab::{LabError, NetworkOptions, RunningNetwork, Settings, start_network};

use super::held::Held;

/// One position of the switch.
#[derive(Clone, Copy)]
struct Position {
    /// Its name on the page and in tests.
    name: &'static str,
    /// The lab's name for the network.
    network: &'static str,
    title: &'static str,
    explanation: &'static str,
    /// Whether a search is expected to arrive without help.
    healthy: bool,
    /// Whether it opens TLS, so that the gateway has to speak it.
    opens_tls: bool,
    settings: Settings,
}

const fn position(
    name: &'static str,
    network: &'static str,
    title: &'static str,
    explanation: &'static str,
) -> Position {
    Position {
        name,
        network,
        title,
        explanation,
        healthy: false,
        opens_tls: false,
        settings: Settings {
            period: None,
            bytes: None,
            round_trip: None,
        },
    }
}

const fn timed(position: Position, period: Duration) -> Position {
    Position {
        settings: Settings {
            period: Some(period),
            ..position.settings
        },
        ..position
    }
}

const POSITIONS: [Position; 11] = [
    Position {
        healthy: true,
        ..position("healthy", "clear", "Healthy", "Everything passes.")
    },
    Position {
        healthy: true,
        settings: Settings {
            period: None,
            bytes: None,
            round_trip: Some(Duration::from_millis(300)),
        },
        ..position(
            "far",
            "far",
            "Far away",
            "Healthy, but each round trip takes 300 ms.",
        )
    },
    position(
        "refuses",
        "refused",
        "Refuses",
        "A filter answers every WebSocket handshake with 403.",
    ),
    position(
        "resets",
        "reset-at-frame",
        "Resets",
        "The handshake passes; the first message is answered with a reset.",
    ),
    position(
        "strips",
        "hop-stripped",
        "Strips Upgrade",
        "A proxy that knows no WebSocket takes Upgrade out of the request.",
    ),
    position(
        "mute",
        "mute",
        "Mute",
        "The handshake passes, and then not one byte more.",
    ),
    position(
        "buffers",
        "buffered",
        "Buffers",
        "A scanner holds everything until it is complete.",
    ),
    position(
        "blocks",
        "blocks",
        "Holds blocks",
        "What comes down passes only in blocks of 16 KiB.",
    ),
    timed(
        position(
            "cuts",
            "cut-idle",
            "Cuts silence",
            "Whatever says nothing for 3 seconds is reset.",
        ),
        Duration::from_secs(3),
    ),
    timed(
        position(
            "drops",
            "jitter",
            "Drops out",
            "Each 4 seconds everything is cut, and nothing connects for 1 second.",
        ),
        Duration::from_secs(4),
    ),
    Position {
        opens_tls: true,
        ..position(
            "inspects",
            "hop-stripped+via",
            "Inspects TLS",
            "A proxy opens TLS, adds Via and loses Upgrade. Between browser and proxy there is no TLS here, since nothing may be added to the certificates you trust.",
        )
    },
];

/// Where the networks lead.
pub(super) struct Ends {
    /// The application's own server.
    pub(super) backend: SocketAddr,
    /// The gateway before it.
    pub(super) gateway: SocketAddr,
    /// The same with TLS.
    pub(super) gateway_tls: SocketAddr,
    /// The root to trust there, PEM.
    pub(super) root: String,
}

/// One position of the switch and the ports it will have.
pub(super) struct Line {
    number: u8,
    position: &'static Position,
    plain: Held,
    towpath: Held,
}

/// One network, once before the application and once before the gateway.
pub(super) struct RunningLine {
    position: &'static Position,
    plain: RunningNetwork,
    towpath: RunningNetwork,
}

/// All positions, each with two ports of an address.
pub(super) fn lines(listen: IpAddr) -> anyhow::Result<Vec<Line>> {
    let any_port = SocketAddr::new(listen, 0);
    (1..)
        .zip(&POSITIONS)
        .map(|(number, position)| {
            Ok(Line {
                number,
                position,
                plain: Held::take(any_port)?,
                towpath: Held::take(any_port)?,
            })
        })
        .collect()
}

impl Line {
    /// Where the network before the gateway will listen.
    pub(super) fn towpath_address(&self) -> SocketAddr {
        self.towpath.address()
    }

    /// Starts both networks.
    pub(super) async fn start(self, ends: &Ends) -> Result<RunningLine, LabError> {
        let Self {
            number,
            position,
            plain,
            towpath,
        } = self;
        let options = |listen: SocketAddr, upstream: String| NetworkOptions {
            listen,
            upstream: Some(upstream),
            source: own_source(number),
            settings: position.settings,
            ..NetworkOptions::default()
        };
        let before_backend = options(plain.address(), ends.backend.to_string());
        let before_gateway = if position.opens_tls {
            NetworkOptions {
                upstream_roots: ends.root.clone(),
                ..options(towpath.address(), format!("https://{}", ends.gateway_tls))
            }
        } else {
            options(towpath.address(), ends.gateway.to_string())
        };
        Ok(RunningLine {
            position,
            plain: start_network(position.network, before_backend).await?,
            towpath: start_network(position.network, before_gateway).await?,
        })
    }
}

impl RunningLine {
    /// What the page has to know of it.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "name": self.position.name,
            "title": self.position.title,
            "explanation": self.position.explanation,
            "healthy": self.position.healthy,
            "plain": self.plain.address().port(),
            "towpath": self.towpath.address().port(),
        })
    }
}

/// An address of this machine that no other network comes from, so that the gateway takes each for a network of
/// its own. Where the system has no further loopback addresses, they all look alike.
fn own_source(number: u8) -> Option<IpAddr> {
    let address = IpAddr::from(Ipv4Addr::new(127, 0, number, 1));
    std::net::TcpListener::bind((address, 0))
        .is_ok()
        .then_some(address)
}
