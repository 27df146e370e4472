//! Plain WebSockets, which the gateway alone sees.

use std::time::Duration;

use tokio::time::sleep;
use towpath_reports::CaseKind;

use crate::client::World;
use crate::raw::PATIENCE;

#[tokio::test]
async fn a_plain_request_without_its_upgrade_becomes_a_case_by_itself() {
    let world = World::start(|settings| settings.upstream.forward_http = false).await;
    for name in ["Firefox/140.0", "Chrome/141.0.0.0"] {
        let headers = format!(
            "User-Agent: Mozilla/5.0 {name}\r\nOrigin: {}\r\nAccept-Language: de\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            world.origin()
        );
        world.ask("GET", "/chat", &headers, b"").await;
    }
    let mut waited = Duration::ZERO;
    let cases = loop {
        let (_, cases) = world.store().after(0, 10).unwrap();
        if cases.len() == 2 || waited > PATIENCE {
            break cases;
        }
        sleep(PAUSE).await;
        waited += PAUSE;
    };
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

const PAUSE: Duration = Duration::from_millis(50);
