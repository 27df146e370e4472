//! Plain WebSockets, which the gateway alone sees.

use std::time::Duration;

use tokio::time::sleep;
use towpath_reports::{Case, CaseKind};
use towpath_serve::config::TrustedHops;

use crate::client::World;
use crate::raw::PATIENCE;

#[tokio::test]
async fn a_plain_request_without_its_upgrade_becomes_a_case_by_itself() {
    let world = World::start(|settings| settings.upstream.forward_http = false).await;
    for name in ["Firefox/140.0", "Chrome/141.0.0.0"] {
        ask_without_upgrade(&world, name, "").await;
    }
    let cases = cases(&world, |cases| cases.len() == 2).await;
    assert_eq!(cases.len(), 2, "{cases:#?}");
    assert!(
        cases
            .iter()
            .all(|case| case.kind == CaseKind::Plain && case.path == "/chat")
    );
    assert!(cases.iter().all(|case| !case.from_page));
    assert_eq!(
        cases[0].diagnosis.findings[0].cause,
        "http-upgrade-stripped"
    );
}

/// Nothing opens there, so nothing can be cut.
#[tokio::test]
async fn upgrades_that_never_arrive_are_a_case_of_all_networks() {
    let world = World::start(|settings| {
        settings.upstream.forward_http = false;
        settings.network.trusted_hops = TrustedHops::Count(1);
    })
    .await;
    for address in ["192.0.2.1", "198.51.100.1", "203.0.113.1"] {
        let forwarded = format!("X-Forwarded-For: {address}\r\n");
        ask_without_upgrade(&world, "Firefox/140.0", &forwarded).await;
    }
    let is_of_all = |case: &&Case| case.kind == CaseKind::Network;
    let cases = cases(&world, |cases| cases.iter().any(|case| is_of_all(&case))).await;
    let of_all = cases.iter().find(is_of_all).expect("a case of networks");
    assert_eq!(of_all.network, "all");
    let findings = &of_all.diagnosis.findings;
    assert_eq!(findings[0].cause, "http-upgrade-stripped", "{findings:#?}");
}

async fn ask_without_upgrade(world: &World, browser: &str, more: &str) {
    let headers = format!(
        "User-Agent: Mozilla/5.0 {browser}\r\nOrigin: {}\r\nAccept-Language: de\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}",
        world.origin()
    );
    world.ask("GET", "/chat", &headers, b"").await;
}

/// What is kept, as soon as that is enough, or patience ends.
async fn cases(world: &World, are_enough: impl Fn(&[Case]) -> bool) -> Vec<Case> {
    let mut waited = Duration::ZERO;
    loop {
        let (_, cases) = world.store().after(0, 10).unwrap();
        if are_enough(&cases) || waited > PATIENCE {
            return cases;
        }
        sleep(PAUSE).await;
        waited += PAUSE;
    }
}

const PAUSE: Duration = Duration::from_millis(50);
