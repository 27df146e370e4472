//! Does the proxy open a tunnel to a port of the target?

use towpath_diagnosis::observation::Fact;
use towpath_diagnosis::question::Question;

use crate::run::Probe;

/// Asks the proxy, and closes the tunnel again.
pub(crate) async fn ask(probe: &mut Probe, port: u16) -> Vec<Fact> {
    if probe.proxy.is_none() {
        return vec![Fact::NotTested {
            question: Question::Tunnel { port },
            reason: "this run goes through no proxy".to_owned(),
        }];
    }
    let plan = probe.plan(port, None);
    let mut facts = Vec::new();
    // What came of it is in the facts.
    let _ = probe.dial(&plan, &mut facts).await;
    facts
}
