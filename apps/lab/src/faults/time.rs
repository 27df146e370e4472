//! Faults that need time: idle cuts, lifetimes, silence.

use crate::fault::Fault;

mod time_deploy;
mod time_handshake_slow;
mod time_idle;
mod time_max_life;
mod time_msg_rate;
mod time_msg_rate_silent_code;
mod time_nat_silent;
mod time_ping_not_activity;
mod time_ping_race;
mod time_reload;
mod time_token_expiry;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[
    time_idle::FAULT,
    time_ping_not_activity::FAULT,
    time_max_life::FAULT,
    time_nat_silent::FAULT,
    time_ping_race::FAULT,
    time_reload::FAULT,
    time_deploy::FAULT,
    time_token_expiry::FAULT,
    time_msg_rate::FAULT,
    time_msg_rate_silent_code::FAULT,
    time_handshake_slow::FAULT,
];
