//! Healthy servers and proxies to compare with, and imitations of well-known servers.

mod cookie_by_script;
mod healthy_connect_proxy;
pub(crate) mod healthy_echo;
mod healthy_echo_tls;
mod healthy_graphql;
mod healthy_h2;
mod healthy_inspecting_proxy;
mod healthy_ipv4_only;
mod healthy_resolver;
mod healthy_reverse_proxy;
mod healthy_socks_proxy;
mod only_browsers;
mod page_with_token;
mod seed_phoenix;
pub(crate) mod stripped;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    healthy_echo::FAULT,
    healthy_echo_tls::FAULT,
    healthy_reverse_proxy::FAULT,
    healthy_connect_proxy::FAULT,
    healthy_inspecting_proxy::FAULT,
    healthy_socks_proxy::FAULT,
    healthy_graphql::FAULT,
    healthy_h2::FAULT,
    healthy_ipv4_only::FAULT,
    healthy_resolver::FAULT,
    seed_phoenix::FAULT,
    only_browsers::FAULT,
    cookie_by_script::FAULT,
    page_with_token::FAULT,
];
