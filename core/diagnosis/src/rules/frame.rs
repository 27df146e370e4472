//! Rules for causes in the layer of frames and messages.
//!
//! Some causes of neighbouring layers are here too, because they show only on an open connection: the
//! proxies that cut, mute or buffer it, the inspection that wraps it, and the black hole for full segments.

use super::Rule;

mod bits;
mod buffer;
mod deflate;
mod end;
mod first_data;
mod first_frame;
mod foreign;
mod fragment;
mod kind;
mod mute;
mod ping;
mod size;
pub(crate) mod socket;
#[cfg(test)]
pub(crate) mod testing;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    first_frame::FIRST_FRAME,
    mute::MUTE,
    buffer::BUFFERED,
    foreign::WRAPPED,
    foreign::INJECTED,
    size::TOO_BIG,
    size::VANISHED,
    size::STUCK,
    kind::BLOCKED,
    kind::AS_TEXT,
    kind::NOT_UTF8,
    fragment::FRAGMENT,
    ping::PING,
    bits::UNMASKED,
    bits::RESERVED_BITS,
    bits::CONTROL,
    deflate::PATH,
    deflate::LIMITS,
    first_data::FIRST_DATA,
    end::CLOSE_RACE,
    end::SLOW_CONSUMER,
];
