//! A page with a session in each network: it gets through, reports, and its case names the network's fault.

use std::time::Duration;

use serde_json::Value;
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

use crate::expected::{Expected, IN_TIME, InTime, PERIOD};
use crate::world::{Place, World, in_each_network};

fn visit(browser: &Browser, place: &Place, expected: &Expected) -> Result<(), String> {
    let url = format!(
        "{}session.html?beat=200&lasts=4000&wait=8000",
        place.network.url()
    );
    let told = browser.visit(&url, PATIENCE)?;
    println!("{}: {}", expected.network, told["events"]);
    let answer = told["answers"]
        .as_array()
        .and_then(|answers| answers.last());
    let answer = answer.ok_or_else(|| format!("the page has no answer to a report: {told}"))?;
    names(answer, expected.causes)?;
    let code = plain(answer["code"].as_str().unwrap_or_default());
    if code != plain(told["session"].as_str().unwrap_or_default()) {
        return Err(format!(
            "the report is no part of the session's case: {told}"
        ));
    }
    let case = place
        .console
        .case_where(|case| case["code"] == *code && !case["diagnosis"]["findings"].is_null())
        .ok_or_else(|| format!("the console does not know {code}"))?;
    names(&case["diagnosis"], expected.causes)?;
    both_sides(&case)
}

/// Whether the first finding is one of these causes, as a fault.
pub(crate) fn names(diagnosis: &Value, causes: &[&str]) -> Result<(), String> {
    let first = &diagnosis["findings"][0]["cause"];
    let is_named = first.as_str().is_some_and(|cause| causes.contains(&cause));
    if is_named && diagnosis["verdict"] == "fault" {
        Ok(())
    } else {
        Err(format!("{first} instead of {causes:?}: {diagnosis}"))
    }
}

/// Whether a case has observations of page and gateway, in the order of time.
fn both_sides(case: &Value) -> Result<(), String> {
    let observations = case["observations"].as_array().cloned().unwrap_or_default();
    for vantage in ["page", "gateway"] {
        if !observations.iter().any(|seen| seen["vantage"] == vantage) {
            return Err(format!("nothing of the {vantage}'s side: {case}"));
        }
    }
    let times: Vec<i64> = observations
        .iter()
        .filter_map(|seen| seen["at_ms"].as_i64())
        .collect();
    if !times.is_sorted() {
        return Err(format!("not in the order of time: {times:?}"));
    }
    Ok(())
}

/// A code without its dash.
fn plain(code: &str) -> String {
    code.replace('-', "")
}

/// What cuts in time shows over several cuts. The gateway keeps its sessions alive in such a network as soon as it
/// has learned how; plain WebSockets are cut time and again.
fn each_rhythm_is_named(kind: Kind) {
    let world = World::new();
    let browser = Browser::start(kind, &[]);
    for InTime {
        network,
        cause,
        beat,
    } in IN_TIME
    {
        let place = world.place(network, PERIOD);
        let url = format!("{}plain.html?count=6&beat={beat}", place.network.url());
        let told = browser.visit(&url, PATIENCE).expect("the page reports");
        let named = place
            .console
            .case_where(|case| names(&case["diagnosis"], &[cause]).is_ok());
        let cases = place.console.cases();
        assert!(
            named.is_some(),
            "{network}: no case names {cause}; {told}\n{cases:#?}"
        );
    }
}

#[test]
fn browser_chromium_has_each_network_named() {
    in_each_network(Kind::Chromium, visit);
}

#[test]
fn browser_firefox_has_each_network_named() {
    in_each_network(Kind::Firefox, visit);
}

#[test]
fn browser_chromium_has_each_rhythm_named() {
    each_rhythm_is_named(Kind::Chromium);
}

const PATIENCE: Duration = Duration::from_mins(1);
