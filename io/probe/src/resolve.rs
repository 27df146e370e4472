//! Which addresses does the name have, as applications see it, and as its servers say it?

use std::net::SocketAddr;

use towpath_diagnosis::observation::{Fact, NameAnswer, NameOutcome, Resolution, Resolver};
use towpath_net::name;

use crate::run::Probe;

/// Looks up the name that this run connects to: the target's, or the proxy's where the proxy looks
/// up the target's.
pub(crate) async fn ask(probe: &mut Probe) -> Vec<Fact> {
    let (host, port) = dialled(probe);
    let mut facts = Vec::new();
    let found = probe.addresses(&host, port, &mut facts).await;
    if facts.is_empty() {
        facts.push(known(host, found.iter().map(SocketAddr::ip)));
    }
    facts
}

/// Asks each configured name server directly; where one fails, once more without DNSSEC checks.
pub(crate) async fn ask_servers(probe: &mut Probe) -> Vec<Fact> {
    let (host, _) = dialled(probe);
    let limits = &probe.settings.net.limits;
    let servers = name::configured_servers();
    let mut facts = Vec::new();
    for server in servers {
        let answer = name::direct::ask(server, &host, false, limits).await;
        let failed = answer.outcome == NameOutcome::ServerFailure;
        facts.push(Fact::Resolution(answer));
        if failed {
            let unchecked = name::direct::ask(server, &host, true, limits).await;
            facts.push(Fact::Resolution(unchecked));
        }
    }
    if facts.is_empty() {
        facts.push(Fact::NotTested {
            question: towpath_diagnosis::question::Question::ResolveDirect,
            reason: "no name server is configured in /etc/resolv.conf".to_owned(),
        });
    }
    facts
}

fn dialled(probe: &Probe) -> (String, u16) {
    match &probe.proxy {
        Some(proxy) if !proxy.resolves_here() => (proxy.host.clone(), proxy.port),
        _ => (probe.settings.host.clone(), probe.settings.port),
    }
}

/// The fact for a literal, or for a name that was looked up before.
fn known(name: String, addresses: impl Iterator<Item = std::net::IpAddr>) -> Fact {
    Fact::Resolution(Resolution {
        name,
        resolver: Resolver::System,
        outcome: NameOutcome::Addresses(NameAnswer {
            addresses: addresses.collect(),
            extended_errors: Vec::new(),
        }),
        extended_errors: Vec::new(),
        elapsed_ms: 0,
    })
}
