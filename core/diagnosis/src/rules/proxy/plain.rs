//! Plain WebSocket through a proxy that reads every request.

use super::tunnel::{control_same, own_error};
use crate::evidence::Evidence;
use crate::markers;
use crate::observation::ControlPath;
use crate::products;
use crate::rules::{Judgement, Rule, Support, reach};

pub(super) const UPGRADE_REMOVED: Rule = Rule {
    cause: "proxy-plain-ws",
    explains: &[
        "http-upgrade-stripped",
        "http-426",
        "http-400-generic",
        "http-404",
        "http-200-app",
        "http-405-501",
        "http-10-hop",
        "http-conn-close",
        "http-403-connect-refused",
        "http-middleware-200",
    ],
    judge: upgrade_removed,
};

/// The server's ordinary answer, relayed by a forward proxy that nobody configured.
fn upgrade_removed(evidence: &Evidence<'_>) -> Judgement {
    if evidence.secure() || own_error(evidence).is_some() {
        return Judgement::nothing();
    }
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let Some(relay) = products::relay(refusal.fact).filter(|relay| !relay.author) else {
        return Judgement::nothing();
    };
    // A Squid that listens where the URL points is the operator's own, in front of the server.
    if products::squid_port(refusal.fact) == Some(evidence.target().port) {
        return Judgement::nothing();
    }
    let summary = format!(
        "A proxy on the way ({}) reads the unencrypted request and does not pass the upgrade on.",
        relay.product
    );
    let shows = refusal.shows(format!(
        "The answer is {} and came through the proxy: `{}`.",
        reach::status(refusal.fact),
        relay.mark
    ));
    let complains = refusal.fact.status == 426 || markers::complaint(refusal.fact).is_some();
    if complains {
        return Support::certain(summary, shows)
            .and(refusal.shows(
                "The server asks for an upgrade although the request held `Upgrade: websocket`.",
            ))
            .weighing(70)
            .into();
    }
    // Refusals of an application that did see the upgrade.
    if matches!(refusal.fact.status, 401 | 403 | 429) {
        return Judgement::nothing();
    }
    match evidence.control(ControlPath::Same) {
        Some(control) if markers::same_answer(control.fact, refusal.fact) => {
            Support::certain(summary, shows)
                .and(control.shows("The same path without Upgrade gets the very same answer: to the server both requests look alike."))
                .weighing(70)
                .into()
        }
        Some(_) => Support::possible(summary, shows)
            .untested("the same over wss://, which a proxy cannot read")
            .into(),
        None => Judgement::from(
            Support::likely(summary, shows)
                .untested("the same over wss://, which a proxy cannot read")
                .weighing(70),
        )
        .and_ask([control_same()]),
    }
}
