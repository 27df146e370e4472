//! Rules for causes in the layer of time.
//!
//! Idle time, lifetimes and restarts are read from the parallel sockets of the time ladder.

use super::Rule;

mod handshake;
mod idle;
mod life;
mod lives;
mod nat;
mod rate;
mod token;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    idle::IDLE,
    idle::PING_NOT_ACTIVITY,
    idle::PING_RACE,
    life::MAX_LIFE,
    life::RELOAD,
    life::DEPLOY,
    nat::NAT_SILENT,
    token::TOKEN_EXPIRY,
    rate::MESSAGE_RATE,
    handshake::HANDSHAKE_SLOW,
];
