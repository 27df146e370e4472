//! What was seen, read back through a page's report.

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep};
use towpath_diagnosis::Fact;
use towpath_diagnosis::observation::{Arrival, Attachment};
use towpath_reports::Case;

use crate::client::World;
use crate::raw::PATIENCE;

/// The case that a report of a page makes which has nothing to tell.
pub(crate) async fn case(world: &World, session: Option<Value>, attempt: &str) -> Case {
    let mut report = json!({
        "version": 1,
        "attempt": attempt,
        "now": 10,
        "page": { "user_agent": "Firefox/140.0", "origin": "https://a.example", "online": true },
        "attempts": [],
    });
    if let Some(session) = session {
        report["session"] = session;
    }
    let code = world.report(&report).await.code();
    world.case(&code).unwrap()
}

/// The same, once `enough` of the gateway's view is there.
pub(crate) async fn case_with(
    world: &World,
    session: Option<Value>,
    attempt: &str,
    enough: impl Fn(&Case) -> bool,
) -> Case {
    let mut waited = Duration::ZERO;
    loop {
        let case = case(world, session.clone(), attempt).await;
        if enough(&case) || waited > PATIENCE {
            return case;
        }
        sleep(PAUSE).await;
        waited += PAUSE;
    }
}

pub(crate) fn arrivals(case: &Case) -> Vec<&Arrival> {
    let facts = case.observations.iter();
    facts
        .filter_map(|one| match &one.fact {
            Fact::Arrival(arrival) => Some(arrival),
            _ => None,
        })
        .collect()
}

pub(crate) fn attachments(case: &Case) -> Vec<&Attachment> {
    let facts = case.observations.iter();
    facts
        .filter_map(|one| match &one.fact {
            Fact::Attachment(attachment) => Some(attachment),
            _ => None,
        })
        .collect()
}

/// Ends a connection with a reset instead of an end of the stream.
pub(crate) fn reset(stream: TcpStream) {
    let stream = socket2::Socket::from(stream.into_std().unwrap());
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

const PAUSE: Duration = Duration::from_millis(50);
