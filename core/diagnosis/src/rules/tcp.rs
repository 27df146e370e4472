//! Rules for causes in the layer of routing, ports and address families.

use super::Rule;

mod closed;
mod family;
mod network;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    closed::REFUSED,
    closed::DROP,
    closed::PORT_EGRESS,
    closed::ADDRESS_BLOCK,
    family::IPV6_BROKEN,
    network::OFFLINE,
    network::FAKE_ACCEPT,
    network::BACKLOG,
];

#[cfg(test)]
mod tests;
