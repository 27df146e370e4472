//! The console knows what a page was told: by its code, however it was written down, and over all users.

use std::time::Duration;

use towpath_lab::Settings;
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

use crate::world::World;

#[test]
fn browser_chromium_s_case_is_found_by_its_code() {
    let world = World::new();
    let browser = Browser::start(Kind::Chromium, &[]);
    let place = world.place("reset-at-frame", Settings::default());
    let url = format!(
        "{}session.html?beat=200&lasts=3000&wait=8000",
        place.network.url()
    );
    let told = browser.visit(&url, PATIENCE).expect("the page reports");
    let code = told["answers"][0]["code"]
        .as_str()
        .expect("a code")
        .to_owned();
    for spelling in [code.clone(), code.to_uppercase(), code.replace('-', "")] {
        let case = place.console.ask(&format!("/api/case/{spelling}"));
        assert!(
            case.to_string().contains("proxy-101-rst"),
            "{spelling}: {case}"
        );
    }
    let overview = place.console.ask("/api/overview?hours=1");
    assert!(
        overview.to_string().contains("proxy-101-rst"),
        "the cause is among the findings of all users: {overview}"
    );
}

const PATIENCE: Duration = Duration::from_mins(1);
