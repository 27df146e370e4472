//! `towpath check --compare`: two reports of the same target from two places, rung by rung.
//!
//! The second place is the control. What differs between them lies on the way and not at either end,
//! as far as both asked the same; where they did not, that is said.

use serde::Serialize;
use towpath_diagnosis::Verdict;
use towpath_diagnosis::observation::{SCHEMA_VERSION, Target};
use towpath_diagnosis::question::Rung;

use crate::report::Report;

mod proof;
mod rungs;

pub use rungs::{Standing, State};

/// What two reports say of each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// `comparison`, so that a reader of lines knows it.
    pub r#type: &'static str,
    /// Version of the report format.
    pub schema_version: u32,
    /// The first report.
    pub a: Side,
    /// The second report.
    pub b: Side,
    /// Options in which the two checks differ; a difference between them then proves less.
    pub asked_differently: Vec<&'static str>,
    /// Each rung that either of them climbed.
    pub rungs: Vec<RungPair>,
    /// What the differences prove, most telling first.
    pub proves: Vec<String>,
}

/// One of the two reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The file.
    pub file: String,
    /// What was checked.
    pub url: String,
    /// What it came to, by the rules of this program.
    pub verdict: Verdict,
    /// The causes named, in order.
    pub causes: Vec<String>,
}

/// One rung in both places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RungPair {
    /// The rung.
    pub rung: Rung,
    /// Whether the two places differ here.
    pub differs: bool,
    /// The first place.
    pub a: Standing,
    /// The second place.
    pub b: Standing,
}

impl RungPair {
    /// Whether the rung held in one place and failed in the other.
    pub fn flips(&self) -> bool {
        matches!(
            (self.a.state, self.b.state),
            (State::Held, State::Failed) | (State::Failed, State::Held)
        )
    }
}

impl Comparison {
    /// Compares two reports; the names are those of their files.
    pub fn new((name_a, a): (&str, &Report), (name_b, b): (&str, &Report)) -> Self {
        let asked_differently = match (a.target(), b.target()) {
            (Some(a), Some(b)) => asked_differently(a, b),
            _ => vec!["the target"],
        };
        let rungs: Vec<RungPair> = RUNGS
            .iter()
            .filter_map(|rung| {
                let (a, b) = (rungs::standing(*rung, a), rungs::standing(*rung, b));
                let known = a.state != State::NotReached || b.state != State::NotReached;
                known.then(|| RungPair {
                    rung: *rung,
                    differs: a != b,
                    a,
                    b,
                })
            })
            .collect();
        let proves = proof::proves(&rungs, &asked_differently, a, b);
        Self {
            r#type: "comparison",
            schema_version: SCHEMA_VERSION,
            a: Side::new(name_a, a),
            b: Side::new(name_b, b),
            asked_differently,
            rungs,
            proves,
        }
    }

    /// 0 where no rung flips, 1 where one does.
    pub fn exit_status(&self) -> u8 {
        u8::from(self.rungs.iter().any(RungPair::flips))
    }
}

impl Side {
    fn new(file: &str, report: &Report) -> Self {
        let findings = report.diagnosis.findings.iter();
        Self {
            file: file.to_owned(),
            url: report
                .target()
                .map_or(String::new(), |target| target.url.clone()),
            verdict: report.diagnosis.verdict,
            causes: findings.map(|finding| finding.cause.clone()).collect(),
        }
    }
}

fn asked_differently(a: &Target, b: &Target) -> Vec<&'static str> {
    let place = |target: &Target| {
        (
            target.scheme,
            target.host.clone(),
            target.port,
            target.path.clone(),
        )
    };
    let token = |target: &Target| target.token.as_ref().map(|token| token.placement.clone());
    [
        ("the target", place(a) != place(b)),
        ("the subprotocols", a.subprotocols != b.subprotocols),
        ("the Origin", a.origin != b.origin),
        ("the headers", a.header_names != b.header_names),
        ("the token", token(a) != token(b)),
        ("the proxy", a.proxy != b.proxy),
        ("fixed addresses", a.fixed_addresses != b.fixed_addresses),
        (
            "the authorities trusted",
            a.given_authorities != b.given_authorities,
        ),
        ("--echo", a.echo != b.echo),
        ("--send", a.send != b.send),
        ("--idle", a.idle_ms != b.idle_ms),
    ]
    .into_iter()
    .filter_map(|(what, differs)| differs.then_some(what))
    .collect()
}

/// The rungs that are compared, in their order.
const RUNGS: [Rung; 8] = [
    Rung::Name,
    Rung::Connection,
    Rung::Proxy,
    Rung::Tls,
    Rung::Handshake,
    Rung::Browser,
    Rung::Messages,
    Rung::Time,
];

#[cfg(test)]
mod tests;
