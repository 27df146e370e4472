//! Which addresses accept a TCP connection, on the target's port and on others?
//!
//! Every address gets its own attempt, all at once: an attempt sends no request, and a dead address
//! must not make the reader wait for the next.

use std::net::SocketAddr;

use tokio::task::JoinSet;
use towpath_diagnosis::observation::{Connection, ConnectionOutcome, Fact};
use towpath_diagnosis::question::Question;
use towpath_net::connect::attempt;

use crate::run::Probe;

/// Tries every address of the proxy where there is one, else of the target.
pub(crate) async fn ask(probe: &mut Probe) -> Vec<Fact> {
    let (host, port, to_proxy) = match &probe.proxy {
        Some(proxy) => (proxy.host.clone(), proxy.port, true),
        None => (probe.settings.host.clone(), probe.settings.port, false),
    };
    let mut facts = Vec::new();
    let addresses = probe.addresses(&host, port, &mut facts).await;
    let tried = all(probe, addresses, to_proxy).await;
    if let Some(good) = tried
        .iter()
        .find(|one| one.outcome == ConnectionOutcome::Connected)
    {
        probe.names.connected(&host, good.address.ip());
    }
    facts.extend(tried.into_iter().map(Fact::Connection));
    or_not_tested(facts, &Question::Connect)
}

/// Tries another port of the target, past any proxy.
pub(crate) async fn ask_port(probe: &mut Probe, port: u16) -> Vec<Fact> {
    let host = probe.settings.host.clone();
    let mut facts = Vec::new();
    let addresses = probe.addresses(&host, port, &mut facts).await;
    let tried = all(probe, addresses, false).await;
    facts.extend(tried.into_iter().map(Fact::Connection));
    or_not_tested(facts, &Question::ConnectPort { port })
}

async fn all(probe: &Probe, addresses: Vec<SocketAddr>, to_proxy: bool) -> Vec<Connection> {
    let limits = &probe.settings.net.limits;
    let mut attempts = JoinSet::new();
    for (order, address) in addresses.into_iter().take(limits.addresses_max).enumerate() {
        let limits = limits.clone();
        attempts.spawn(async move { (order, attempt(address, to_proxy, &limits).await.0) });
    }
    let mut tried = attempts.join_all().await;
    tried.sort_by_key(|(order, _)| *order);
    tried
        .into_iter()
        .map(|(_, connection)| connection)
        .collect()
}

fn or_not_tested(mut facts: Vec<Fact>, question: &Question) -> Vec<Fact> {
    if !facts.iter().any(|fact| matches!(fact, Fact::Connection(_))) {
        facts.push(Fact::NotTested {
            question: question.clone(),
            reason: "the name has no address to connect to".to_owned(),
        });
    }
    facts
}
