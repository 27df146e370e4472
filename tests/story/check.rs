//! The check page in each network: its verdict, what it gives to the IT department, and the same in German.

use std::time::Duration;

use serde_json::Value;
use towpath_lab::Settings;
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

use crate::expected::Expected;
use crate::session::names;
use crate::world::{Place, World, in_each_network};

fn explained(browser: &Browser, place: &Place, expected: &Expected) -> Result<(), String> {
    let told = checked(browser, place, "")?;
    let case = place
        .console
        .case_where(|case| case["kind"] == "check")
        .ok_or_else(|| format!("the console knows no check: {told}"))?;
    names(&case["diagnosis"], expected.causes)?;
    let code = case["code"].as_str().unwrap_or_default();
    let said = format!("{}-{}", &code[..4], &code[4..]);
    for language in ["en", "de"] {
        let text = |part: &str| told[language][part].as_str().unwrap_or_default();
        let (sheet, mail) = (text("sheet"), text("mail"));
        if !sheet.contains(&said) || !text("result").contains(&said) {
            return Err(format!("{language}: the code {said} is missing: {told}"));
        }
        if !mail.starts_with("mailto:") {
            return Err(format!("{language}: no mail: {told}"));
        }
        // German has words of its own; what must be typed in is the same in both.
        for word in expected.remedy {
            let is_there = sheet.to_lowercase().contains(&word.to_lowercase());
            if !is_there && (language == "en" || *word == "127.0.0.1") {
                return Err(format!("{language}: {word:?} is missing: {sheet}"));
            }
        }
    }
    if told["en"]["title"] == told["de"]["title"] {
        return Err(format!("the verdict is not German: {}", told["de"]));
    }
    Ok(())
}

/// What the check page shows through a network, in both languages.
fn checked(browser: &Browser, place: &Place, query: &str) -> Result<Value, String> {
    let url = format!("{}check.html?{query}", place.network.url());
    let told = browser.visit(&url, PATIENCE)?;
    println!(
        "{}: {} ms, {}",
        place.network.name(),
        told["took"],
        told["en"]["title"]
    );
    Ok(told)
}

fn healthy_networks_are_healthy(kind: Kind) {
    let world = World::new();
    let browser = Browser::start(kind, &[]);
    for network in ["clear", "far"] {
        let place = world.place(network, Settings::default());
        let told = checked(&browser, &place, "").expect("the page reports");
        let case = place.console.case_where(|case| case["kind"] == "check");
        let case = case.expect("a check is always kept");
        assert_eq!(case["diagnosis"]["verdict"], "healthy", "{network}: {case}");
        assert!(
            told["en"]["tests"]
                .as_str()
                .is_some_and(|tests| !tests.contains("failed")),
            "{network}: {told}"
        );
    }
}

/// A proxy that opens TLS is named for what it breaks; where it breaks nothing, it is no more than good to know.
fn inspection_is_a_fault_only_where_it_breaks_something(kind: Kind) {
    let world = World::new();
    for (network, causes) in [("via", &[][..]), ("hop-stripped", &["proxy-inspect-strip"])] {
        let (place, browser) = world.inspected(network, kind);
        let told = checked(&browser, &place, "").expect("the page reports");
        let case = place.console.case_where(|case| case["kind"] == "check");
        let diagnosis = &case.expect("a check is always kept")["diagnosis"];
        if causes.is_empty() {
            assert_eq!(diagnosis["verdict"], "healthy", "{diagnosis}");
            // A hello of another library contradicts only browsers whose own has marks.
            if kind == Kind::Chromium {
                let known = &diagnosis["context"][0]["cause"];
                assert_eq!(known, "tls-intercept-trusted", "{diagnosis}");
            }
        } else {
            assert_eq!(names(diagnosis, causes), Ok(()), "{told}");
        }
    }
}

#[test]
fn browser_chromium_is_told_of_inspection_that_breaks() {
    inspection_is_a_fault_only_where_it_breaks_something(Kind::Chromium);
}

#[test]
fn browser_firefox_is_told_of_inspection_that_breaks() {
    inspection_is_a_fault_only_where_it_breaks_something(Kind::Firefox);
}

/// Silence that is cut shows only in the minute that a user has to ask for.
#[test]
fn browser_chromium_finds_what_cuts_silence() {
    let world = World::new();
    let browser = Browser::start(Kind::Chromium, &[]);
    let settings = Settings {
        period: Some(Duration::from_secs(20)),
        ..Settings::default()
    };
    let place = world.place("cut-idle", settings);
    let told = checked(&browser, &place, "idle").expect("the page reports");
    let case = place.console.case_where(|case| case["kind"] == "check");
    let case = case.expect("a check is always kept");
    let named = names(&case["diagnosis"], &["time-idle"]);
    assert_eq!(named, Ok(()), "{told}");
}

#[test]
fn browser_chromium_checks_each_network() {
    in_each_network(Kind::Chromium, explained);
}

#[test]
fn browser_firefox_checks_each_network() {
    in_each_network(Kind::Firefox, explained);
}

#[test]
fn browser_chromium_finds_healthy_networks_healthy() {
    healthy_networks_are_healthy(Kind::Chromium);
}

#[test]
fn browser_firefox_finds_healthy_networks_healthy() {
    healthy_networks_are_healthy(Kind::Firefox);
}

const PATIENCE: Duration = Duration::from_mins(2);
