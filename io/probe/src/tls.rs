//! What does a TLS handshake in a variation give?

use towpath_diagnosis::observation::{Fact, TlsVariation};
use towpath_diagnosis::question::Question;
use towpath_net::TlsPlan;

use crate::run::Probe;

/// Shakes hands once and closes.
///
/// It asks for `ws` targets too, where a rule wants to know whether the port speaks TLS after all.
pub(crate) async fn ask(probe: &mut Probe, variation: &TlsVariation) -> Vec<Fact> {
    let mut plan = probe.plan(probe.settings.port, Some(TlsPlan::of(variation.clone())));
    if *variation == TlsVariation::Direct {
        plan.proxy = None;
    }
    let mut facts = Vec::new();
    // What came of it is in the facts.
    let _ = probe.dial(&plan, &mut facts).await;
    if facts.is_empty() {
        facts.push(Fact::NotTested {
            question: Question::Tls(variation.clone()),
            reason: "the name has no address to connect to".to_owned(),
        });
    }
    facts
}
