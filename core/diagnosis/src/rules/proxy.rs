//! Rules for causes in the layer of forward proxies and inspecting middleboxes.
//!
//! What an origin refuses through a plain tunnel is no matter of the proxy; these rules want a
//! sign that the proxy itself spoke or that it reads the traffic.

use super::Rule;
use crate::evidence::Evidence;

mod denied;
mod inspected;
mod plain;
mod policy;
mod route;
mod tunnel;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    route::NOT_USED,
    denied::CONNECT_DENIED,
    denied::PORT_DENIED,
    tunnel::LOG_IN,
    tunnel::UPSTREAM_FAILS,
    tunnel::SOCKS_FAILS,
    inspected::HOST_PORT,
    plain::UPGRADE_REMOVED,
    inspected::UPGRADE_REMOVED,
    policy::FORBIDS_WEBSOCKET,
    route::HEADERS_REWRITTEN,
];

/// Whether a forward proxy on the way, and no server, wrote the failure that the handshake got.
pub(super) fn answered_itself(evidence: &Evidence<'_>) -> bool {
    tunnel::own_error(evidence).is_some()
}

#[cfg(test)]
mod tests;
