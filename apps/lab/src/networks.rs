//! Networks that are bad for WebSockets and good enough for plain HTTP, to stand before any server.
//!
//! A fault shows one cause to one check; a network is lived in: many requests per connection, answers that stream,
//! several connections at a time. What is wrong with one is a row of [`NETWORKS`]; several can be joined by `+`.
//! A network must never break plain requests beyond what its row says.

mod body;
mod conditions;
mod connection;
mod delay;
mod exchange;
mod outage;
mod running;
mod shared;
mod socket;
#[cfg(test)]
mod tests;
mod trust;
mod valve;

pub use conditions::Settings;
pub use running::{NetworkOptions, RunningNetwork, Tls, start_network};
pub use trust::Inspector;

use conditions::{Answers, Conditions, Socket, Upgrade};

/// One thing that a network does to WebSockets or to long answers.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// Its name in lower case.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Whether it must see the requests, which TLS hides from it unless it inspects.
    pub reads_http: bool,
    impose: fn(&mut Conditions, &Settings),
}

/// All of them, the healthy one first.
pub const NETWORKS: &[Network] = &[
    below("clear", "lets everything pass", |_, _| {}),
    above("refused", "answers each upgrade with 403", |is, _| {
        is.upgrade = Upgrade::Refused;
    }),
    above("hung", "never answers an upgrade", |is, _| {
        is.upgrade = Upgrade::Hung;
    }),
    below(
        "hung-connect",
        "accepts a connection that speaks TLS without offering HTTP/2, as for a WebSocket, and never says a word",
        |is, _| is.is_mute_to_sockets = true,
    ),
    above(
        "stripped",
        "takes `Upgrade` and all that belongs to it out of requests",
        |is, _| is.upgrade = Upgrade::Stripped,
    ),
    above(
        "hop-stripped",
        "takes `Upgrade` and `Connection` out of requests, as a proxy does that knows no WebSocket",
        |is, _| is.upgrade = Upgrade::HopStripped,
    ),
    above("via", "adds `Via` to each request", |is, _| {
        is.names_itself = true;
    }),
    above(
        "reset-at-frame",
        "lets the 101 pass and resets the connection at the first client frame",
        |is, _| is.socket = Socket::ResetAtFrame,
    ),
    above(
        "mute",
        "lets the 101 pass and then nothing more either way",
        |is, _| is.socket = Socket::Mute,
    ),
    above(
        "mute-down",
        "lets the 101 pass and then nothing more from the server",
        |is, _| is.socket = Socket::MuteDown,
    ),
    above(
        "mute-up",
        "lets the 101 pass and then nothing more from the client",
        |is, _| is.socket = Socket::MuteUp,
    ),
    above(
        "buffered",
        "holds each answer, and all that a WebSocket carries, until it is complete",
        |is, _| {
            is.answers = Answers::Held;
            is.socket = Socket::Held;
        },
    ),
    above(
        "blocks",
        "lets answers and WebSockets pass in blocks of 16 KiB (or of the bytes given)",
        |is, settings| {
            let bytes = settings.bytes.unwrap_or(BLOCK_BYTES);
            is.answers = Answers::Blocks(usize::try_from(bytes).unwrap_or(usize::MAX));
            is.socket = Socket::Blocks;
        },
    ),
    above(
        "small-bodies",
        "refuses requests whose body is longer than 64 KiB (or than the bytes given) with 413",
        |is, settings| is.body_bytes_max = Some(settings.bytes.unwrap_or(BODY_BYTES)),
    ),
    below(
        "cut-age",
        "resets each answer and each WebSocket 5 s (or the time given) after it began",
        |is, settings| is.age_max = Some(settings.period.unwrap_or(PERIOD)),
    ),
    below(
        "cut-idle",
        "resets each answer and each WebSocket after 5 s (or the time given) of silence",
        |is, settings| is.idle_max = Some(settings.period.unwrap_or(PERIOD)),
    ),
    below(
        "cut-bytes",
        "resets each answer and each WebSocket after 64 KiB (or the bytes given)",
        |is, settings| is.bytes_max = Some(settings.bytes.unwrap_or(BODY_BYTES)),
    ),
    below(
        "jitter",
        "resets every connection each 5 s (or the time given) and refuses new ones for 1 s",
        |is, settings| is.outage_every = Some(settings.period.unwrap_or(PERIOD)),
    ),
    below(
        "far",
        "adds 20 ms (or the time given) to each round trip",
        |is, settings| is.round_trip = Some(settings.round_trip.unwrap_or(ROUND_TRIP)),
    ),
];

/// A network that has to read requests.
const fn above(
    name: &'static str,
    summary: &'static str,
    impose: fn(&mut Conditions, &Settings),
) -> Network {
    Network {
        name,
        summary,
        reads_http: true,
        impose,
    }
}

/// A network that also works where TLS goes through untouched.
const fn below(
    name: &'static str,
    summary: &'static str,
    impose: fn(&mut Conditions, &Settings),
) -> Network {
    Network {
        reads_http: false,
        ..above(name, summary, impose)
    }
}

/// The networks of a name such as `refused` or `stripped+far`. `None` if one is not known.
pub fn find_networks(name: &str) -> Option<Vec<&'static Network>> {
    name.split('+')
        .map(|part| NETWORKS.iter().find(|network| network.name == part))
        .collect()
}

const PERIOD: std::time::Duration = std::time::Duration::from_secs(5);
const ROUND_TRIP: std::time::Duration = std::time::Duration::from_millis(20);
const BLOCK_BYTES: u64 = 16 << 10;
const BODY_BYTES: u64 = 64 << 10;
