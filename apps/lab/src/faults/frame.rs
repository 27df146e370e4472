//! Faults of frames and messages, once the connection is open.

use crate::fault::Fault;

mod frame_big_silent;
mod frame_binary_as_text;
mod frame_binary_blocked;
mod frame_control_bad;
mod frame_deflate_limits;
mod frame_deflate_path;
mod frame_fragment;
mod frame_inject;
mod frame_ping_ignored;
mod frame_rsv;
mod frame_server_first_lost;
mod frame_slow_consumer;
mod frame_too_big;
mod frame_too_big_cut;
mod frame_unmasked;
mod frame_utf8;
mod healthy_hasty_goodbye;
mod healthy_late_pong;
mod healthy_server_first;
mod tcp_mtu_blackhole;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[
    frame_binary_blocked::FAULT,
    frame_binary_as_text::FAULT,
    frame_utf8::FAULT,
    frame_too_big::FAULT,
    frame_too_big_cut::FAULT,
    frame_big_silent::FAULT,
    tcp_mtu_blackhole::FAULT,
    frame_fragment::FAULT,
    frame_ping_ignored::FAULT,
    frame_unmasked::FAULT,
    frame_rsv::FAULT,
    frame_control_bad::FAULT,
    frame_inject::FAULT,
    frame_slow_consumer::FAULT,
    healthy_hasty_goodbye::FAULT,
    healthy_late_pong::FAULT,
    frame_deflate_path::FAULT,
    frame_deflate_limits::FAULT,
    frame_server_first_lost::FAULT,
    healthy_server_first::FAULT,
];
