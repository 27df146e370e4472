//! One client network: how its connections ended, what fails there, and its cases.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use towpath_diagnosis::Finding;
use towpath_diagnosis::observation::History;
use towpath_reports::{CaseKind, Filter};

use super::super::Console;
use super::case::{Row, title};
use super::overview::Named;
use super::{Unanswered, ask};

/// What is known of a network.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    network: String,
    /// The last ends that are remembered; nothing since the start of the gateway.
    history: Option<History>,
    /// What follows from many connections together.
    together: Vec<Finding>,
    /// How often each cause was found, the most frequent first.
    findings: Vec<Named>,
    /// Its newest cases.
    cases: Vec<Row>,
}

/// Tells of the network of a prefix, `192.0.2.0/24`, or of `all` together.
pub(super) async fn tell(console: &Console, written: &str) -> Result<Told, Unanswered> {
    let prefix = written
        .replace("%2F", "/")
        .replace("%2f", "/")
        .replace("%3A", ":");
    let bare = prefix.split('/').next().unwrap_or_default();
    let observer = &console.gateway.observer;
    let history = match bare.parse::<IpAddr>() {
        Ok(address) => observer.history(address),
        Err(_) if prefix == History::ALL => observer.history_of_all(),
        Err(_) => {
            return Err(Unanswered::Unknown(
                "this is no network: write 192.0.2.0/24\n",
            ));
        }
    };
    let filter = Filter {
        network: Some(prefix.clone()),
        ..Filter::default()
    };
    let (lines, whole) = ask(console, move |store| {
        let lines = store.cases(&filter)?;
        let whole = lines.iter().find(|line| line.kind == CaseKind::Network);
        let whole = whole.map(|line| store.case(&line.code)).transpose()?;
        Ok((lines, whole.flatten()))
    })
    .await?;
    let mut often: BTreeMap<&str, u64> = BTreeMap::new();
    for cause in lines.iter().flat_map(|line| &line.causes) {
        *often.entry(cause).or_default() += 1;
    }
    let named = often.into_iter().map(|(cause, cases)| Named {
        cause: cause.to_owned(),
        title: title(cause),
        cases,
    });
    let mut findings: Vec<Named> = named.collect();
    findings.sort_by_key(|one| std::cmp::Reverse(one.cases));
    let cases = lines.into_iter().take(CASES_MAX);
    Ok(Told {
        network: prefix,
        history,
        together: whole.map_or_else(Vec::new, |case| case.diagnosis.findings),
        findings,
        cases: cases.map(Row::of_line).collect(),
    })
}

/// Cases that are listed.
const CASES_MAX: usize = 50;
