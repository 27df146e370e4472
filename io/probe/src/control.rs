//! What does an ordinary request get, by the same client and the same way?
//!
//! It is the control of the handshake: the same host without Upgrade.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use towpath_diagnosis::observation::{
    ControlPath, Exchange, ExchangeOutcome, Fact, Failed, Route, Scheme, TlsLibrary,
};
use towpath_net::http1::{self, Answer};

use crate::handshake::stage_of;
use crate::request::{self, Draft};
use crate::run::{Probe, default_port};

/// Sends one GET.
pub(crate) async fn ask(probe: &mut Probe, path: ControlPath, plain: bool) -> Vec<Fact> {
    let mut draft = request::control(probe, path);
    if plain && draft.scheme == Scheme::Wss {
        draft.scheme = Scheme::Ws;
        if draft.port == default_port(Scheme::Wss) {
            draft.port = default_port(Scheme::Ws);
        }
        draft.name_host();
    }
    let mut facts = Vec::new();
    let began = Instant::now();
    let (route, library, outcome) = exchange(probe, &draft, &mut facts).await;
    let settings = &probe.settings.net;
    let clock_offset_s = match &outcome {
        Ok(answer) => clock_offset(answer),
        Err(_) => None,
    };
    facts.push(Fact::Exchange(Exchange {
        path,
        request: http1::request_fact(&draft.head, &settings.redactor),
        route,
        library,
        outcome: match outcome {
            Ok(answer) => ExchangeOutcome::Answered {
                response: Box::new(answer.fact(&settings.redactor, &settings.limits)),
            },
            Err(failed) => ExchangeOutcome::Failed(failed),
        },
        elapsed_ms: towpath_net::limits::milliseconds(began.elapsed()),
        clock_offset_s,
    }));
    facts
}

/// Dials and exchanges; used for pages too.
pub(crate) async fn exchange(
    probe: &mut Probe,
    draft: &Draft,
    facts: &mut Vec<Fact>,
) -> (Route, Option<TlsLibrary>, Result<Answer, Failed>) {
    match probe.dial_for(draft, facts).await {
        Err(not_opened) => (not_opened.route, not_opened.library, Err(not_opened.failed)),
        Ok(mut opened) => {
            let limits = &probe.settings.net.limits;
            let answer = http1::exchange(&mut opened.stream, &draft.head, limits).await;
            let answer = answer.map_err(|failure| Failed {
                stage: stage_of(&failure),
                failure,
            });
            (opened.route, opened.library, answer)
        }
    }
}

/// The server's clock minus this machine's.
fn clock_offset(answer: &Answer) -> Option<i64> {
    let theirs = httpdate::parse_http_date(answer.header("Date")?).ok()?;
    let seconds = |time: SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    Some(seconds(theirs)? - seconds(SystemTime::now())?)
}
