//! The inquiry into the server of a side: the same engine as `towpath check`, as far up as the side's protocol has rungs. It must never
//! judge by itself.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use towpath_diagnosis::evidence::Evidence;
use towpath_diagnosis::ladder::climb;
use towpath_diagnosis::observation::{BrowserUse, Scheme, Target};
use towpath_diagnosis::question::Rung;
use towpath_diagnosis::{Fact, Finding, Observation, Question, diagnose};
use towpath_probe::Probe;
use towpath_probe::inquiry::{Asker, Bounds, run};

use super::ends::{End, Height};
use super::question::UpTo;

/// Most requests of one inquiry, as `towpath check` allows itself.
const REQUESTS_MAX: u32 = 25;

/// Longest inquiry.
const TIME_MAX: Duration = Duration::from_secs(30);

/// What an inquiry found.
pub(super) struct Ground {
    pub(super) findings: Vec<Finding>,
    /// Whether every rung holds that the side's protocol has.
    pub(super) holds: bool,
    /// Which rungs hold and which does not, in words.
    pub(super) rungs: &'static str,
}

const TLS_FAILS: &str = "name and TCP are in order, TLS is not";

impl Ground {
    /// What to do where no cause can be named.
    pub(super) fn remedy(&self) -> Option<String> {
        let tls = "Compare the port with the one that the server has for TLS. Where it has none, say so: tls = false for IRC, \
                   else http:// or ws://; then whoever is on the way can read along.";
        (self.rungs == TLS_FAILS).then(|| tls.to_owned())
    }
}

/// Asks about a side's server until nothing is open, or the side's protocol has no more rungs.
pub(super) async fn inquire(end: &End) -> Ground {
    let probe = Probe::new(end.probe.clone());
    let target = target(&probe, end);
    let mut asker = Asker {
        probe,
        ender: Arc::default(),
    };
    let bounds = Bounds {
        budget: REQUESTS_MAX,
        time: TIME_MAX,
    };
    let mut seen = UpTo::new(match end.height {
        Height::Tls => Rung::Tls,
        // Watching a connection that opens takes minutes, and the side itself has just shown whether it does.
        Height::WebSocket => Rung::Messages,
    });
    // That it ended before a higher rung is what was asked for.
    let _ = run(
        target,
        &mut asker,
        &bounds,
        std::future::pending(),
        &mut seen,
    )
    .await;
    judged(end, &seen.observations)
}

fn judged(end: &End, observations: &[Observation]) -> Ground {
    let asked = |is: fn(&Fact) -> bool| observations.iter().any(|one| is(&one.fact));
    let next = Evidence::new(observations).and_then(|evidence| climb(&evidence).next);
    let plain = end.probe.scheme == Scheme::Ws;
    let (holds, rungs) = match (end.height, next) {
        (Height::Tls, Some(Question::Handshake { .. })) if plain => {
            (true, "name and TCP are in order")
        }
        (Height::Tls, Some(Question::Handshake { .. })) => (true, "name, TCP and TLS are in order"),
        // What is said on it is the side's own affair, and the side has tried that.
        (Height::WebSocket, _) if asked(|fact| matches!(fact, Fact::Conversation(_))) => {
            (true, "the WebSocket opens")
        }
        _ if asked(|fact| matches!(fact, Fact::Handshake(_))) => (
            false,
            "what lies below the handshake is in order, the handshake is not",
        ),
        _ if asked(|fact| matches!(fact, Fact::Tls(_))) => (false, TLS_FAILS),
        _ if asked(|fact| matches!(fact, Fact::Tunnel(_))) => {
            (false, "the proxy is reached and opens no way to it")
        }
        _ if asked(|fact| matches!(fact, Fact::Connection(_))) => {
            (false, "the name is in order, TCP is not")
        }
        _ => (false, "the name is not in order"),
    };
    Ground {
        findings: diagnose(observations).findings,
        holds,
        rungs,
    }
}

fn target(probe: &Probe, end: &End) -> Target {
    let settings = &end.probe;
    let path = probe.redactor().url(&settings.path);
    let fixed = settings.net.overridden(&settings.host, settings.port);
    Target {
        subprotocols: settings.subprotocols.clone(),
        origin: settings.origin.clone(),
        header_names: settings
            .headers
            .iter()
            .map(|header| header.name.clone())
            .collect(),
        proxy: probe.proxy().map(ToString::to_string),
        proxy_credentials: probe
            .proxy()
            .is_some_and(|proxy| proxy.credentials.is_some()),
        client_certificate: settings.net.client_certificate.is_some(),
        given_authorities: settings.net.authorities().is_some(),
        fixed_addresses: fixed.is_some(),
        browser: BrowserUse::Never,
        budget: REQUESTS_MAX,
        started_unix_s: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        ..Target::watched(settings.scheme, &settings.host, settings.port, &path)
    }
}
