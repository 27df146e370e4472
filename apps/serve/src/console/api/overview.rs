//! What carries, what fails, for whom and where.

use serde::Serialize;
use towpath_reports::{NetworkLine, Point, Ranked};

use super::super::Console;
use super::case::title;
use super::now::Now;
use super::query::{HOUR_MS, Query, now_unix_ms};
use super::{Unanswered, ask};

/// The whole, of some hours.
#[derive(Debug, Serialize)]
pub(super) struct Overview {
    hours: u64,
    /// Seconds between two points of the series.
    step_seconds: u64,
    now: Now,
    /// Transports over time.
    series: Vec<Point>,
    /// Causes, those that affect most users first.
    findings: Vec<Ranked>,
    /// Networks with a fault, those with most users first.
    networks: Vec<Failing>,
    /// Users with a fault.
    users: u64,
}

/// A network with a fault.
#[derive(Debug, Serialize)]
pub(super) struct Failing {
    network: String,
    users: u64,
    cases: u64,
    /// How many of its cases run over another transport than a WebSocket.
    fallbacks: u64,
    causes: Vec<Named>,
    first_fault_unix_ms: u64,
    last_unix_ms: u64,
}

/// How often a cause was found.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    /// Id in the catalogue.
    pub(super) cause: String,
    /// Its title.
    pub(super) title: String,
    /// How many cases.
    pub(super) cases: u64,
}

/// Tells of so many hours as a query says.
pub(super) async fn tell(console: &Console, query: &Query) -> Result<Overview, Unanswered> {
    let hours = query.hours();
    let step_seconds = step(hours);
    let since = now_unix_ms().saturating_sub(hours * HOUR_MS);
    let (series, findings, networks, users) = ask(console, move |store| {
        Ok((
            store.transports(since, step_seconds)?,
            store.findings(since)?,
            store.networks(since)?,
            store.users_with_fault(since)?,
        ))
    })
    .await?;
    let failing = networks.into_iter().filter(|line| line.faults > 0);
    Ok(Overview {
        hours,
        step_seconds,
        now: Now::of(&console.gateway),
        series,
        findings,
        networks: failing.map(Failing::of).collect(),
        users,
    })
}

impl Failing {
    fn of(line: NetworkLine) -> Self {
        let causes = line.causes.into_iter().map(|one| Named {
            title: title(&one.cause),
            cause: one.cause,
            cases: one.cases,
        });
        Self {
            causes: causes.collect(),
            network: line.network,
            users: line.users,
            cases: line.cases,
            fallbacks: line.fallbacks,
            first_fault_unix_ms: line.first_fault_unix_ms,
            last_unix_ms: line.last_unix_ms,
        }
    }
}

/// Seconds of a step, so that a chart has about a hundred.
fn step(hours: u64) -> u64 {
    let steps = [60, 300, 900, 3_600, 7_200, 28_800];
    let mut fits = steps.into_iter();
    fits.find(|step| hours * 3_600 / step <= POINTS)
        .unwrap_or(86_400)
}

/// Points of a chart, at most about that many.
const POINTS: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_have_about_a_hundred_points() {
        for hours in [1, 6, 24, 168, 720, 24 * 90] {
            let points = hours * 3_600 / step(hours);
            assert!((60..=100).contains(&points), "{hours} hours: {points}");
        }
    }
}
