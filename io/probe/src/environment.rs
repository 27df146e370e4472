//! What is this machine set to? Proxies, trust, name servers, hosts file.

use towpath_diagnosis::observation::{Environment, Fact};
use towpath_net::name;

use crate::run::Probe;

/// Reads settings; nothing is sent.
pub(crate) fn ask(probe: &Probe) -> Vec<Fact> {
    let anchors = &probe.settings.net.anchors;
    vec![Fact::Environment(Environment {
        proxies: probe.proxies.clone(),
        system_roots: anchors.system_count(),
        extra_roots: anchors.extra_subjects(),
        name_servers: name::configured_servers()
            .iter()
            .map(ToString::to_string)
            .collect(),
        hosts_file: name::hosts_file(&probe.settings.host),
    })]
}
