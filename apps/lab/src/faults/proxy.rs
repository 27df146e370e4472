//! Faults of proxies and inspecting middleboxes on the way out.

mod proxy_101_mute;
mod proxy_101_rst;
mod proxy_auth;
mod proxy_auth_ntlm;
mod proxy_buffer;
mod proxy_connect_denied;
mod proxy_hop_mangled;
mod proxy_host_port;
mod proxy_inspect_strip;
mod proxy_plain_ws;
mod proxy_port_denied;
mod proxy_upstream_fail;
mod proxy_upstream_fail_502;
mod proxy_upstream_fail_dns;
mod proxy_ws_policy;
mod socks_fail;
mod socks_fail_host;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    proxy_connect_denied::FAULT,
    proxy_upstream_fail::FAULT,
    proxy_upstream_fail_dns::FAULT,
    proxy_upstream_fail_502::FAULT,
    proxy_auth_ntlm::FAULT,
    proxy_auth::FAULT,
    proxy_port_denied::FAULT,
    proxy_inspect_strip::FAULT,
    proxy_ws_policy::FAULT,
    proxy_host_port::FAULT,
    proxy_plain_ws::FAULT,
    proxy_101_rst::FAULT,
    proxy_101_mute::FAULT,
    proxy_buffer::FAULT,
    proxy_hop_mangled::FAULT,
    socks_fail::FAULT,
    socks_fail_host::FAULT,
];
