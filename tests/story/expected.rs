//! What each network of the lab must be called, and by which words its IT department is told what to change.

use std::time::Duration;

use towpath_lab::Settings;

/// One network and what page and gateway can find out about it.
pub(crate) struct Expected {
    pub(crate) network: &'static str,
    /// The first finding is one of these.
    pub(crate) causes: &'static [&'static str],
    /// What the IT department reads must hold all of these.
    pub(crate) remedy: &'static [&'static str],
}

const fn expected(
    network: &'static str,
    causes: &'static [&'static str],
    remedy: &'static [&'static str],
) -> Expected {
    Expected {
        network,
        causes,
        remedy,
    }
}

/// Networks that fail at once, so that one session tells.
pub(crate) const AT_ONCE: &[Expected] = &[
    expected("refused", &["proxy-ws-policy"], &["WebSocket", HOST]),
    expected("hung", &["proxy-ws-policy"], &["WebSocket", HOST]),
    expected("stripped", STRIPPED, &["websocket"]),
    expected("hop-stripped", STRIPPED, &["websocket"]),
    expected(
        "hop-stripped+via",
        &["proxy-inspect-strip", "proxy-plain-ws"],
        &["websocket"],
    ),
    expected("reset-at-frame", &["proxy-101-rst"], &["inspection", HOST]),
    expected("mute", &["proxy-101-mute"], &["WebSocket", HOST]),
    expected("mute-down", &["proxy-101-mute"], &["WebSocket", HOST]),
    expected("mute-up", &["proxy-101-mute"], &["WebSocket", HOST]),
    expected("buffered", &["proxy-buffer"], &[HOST]),
    expected("blocks", &["proxy-buffer"], &[HOST]),
];

/// What takes `Upgrade` away may be the user's proxy or the operator's own, which only other clients can tell.
const STRIPPED: &[&str] = &[
    "http-upgrade-stripped",
    "proxy-plain-ws",
    "proxy-inspect-strip",
];
/// By this name the gateway is reached in these tests.
const HOST: &str = "127.0.0.1";

/// A network that shows in time: over several connections that it cuts.
pub(crate) struct InTime {
    pub(crate) network: &'static str,
    pub(crate) cause: &'static str,
    /// Milliseconds between two messages; 0 for silence.
    pub(crate) beat: u64,
}

pub(crate) const IN_TIME: &[InTime] = &[
    InTime {
        network: "cut-idle",
        cause: "time-idle",
        beat: 0,
    },
    InTime {
        network: "cut-age",
        cause: "time-max-life",
        beat: 100,
    },
];

/// Networks with a period cut after this time.
pub(crate) const PERIOD: Settings = Settings {
    period: Some(Duration::from_secs(3)),
    bytes: None,
    round_trip: None,
};
