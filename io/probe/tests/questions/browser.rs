//! A real browser's attempt, where there is a browser.

use towpath_diagnosis::observation::{BrowserOutcome, Change, Fact, HandshakeOutcome};
use towpath_diagnosis::question::Question;
use towpath_probe::Probe;

use crate::server::{Reply, answer, handshake, plain, settings, switch, value};

#[tokio::test]
async fn the_browsers_handshake_can_be_replayed() {
    if towpath_browser::find().is_err() {
        eprintln!("not tested: there is no Chromium on this machine");
        return;
    }
    let (address, _) = plain(|head| {
        if value(head, "Upgrade").is_none() {
            Reply::Answer(answer("200 OK", "", "<title>page</title>"))
        } else if value(head, "User-Agent").is_some_and(|agent| agent.contains("Chrome/")) {
            Reply::Stay(switch(head, "", ""))
        } else {
            Reply::Answer(answer("403 Forbidden", "", ""))
        }
    })
    .await;
    let mut probe = Probe::new(settings(address));
    let facts = probe.ask(&Question::Browser).await;
    let Some(Fact::Browser(capture)) = facts.last() else {
        panic!("{facts:?}");
    };
    assert!(
        matches!(capture.outcome, BrowserOutcome::Opened { .. }),
        "{capture:?}"
    );
    let request = capture.request.as_ref().unwrap();
    assert_eq!((&*request.method, &*request.target), ("GET", "/ws"));
    let changed = async |probe: &mut Probe, changes: Vec<Change>| {
        let facts = probe.ask(&Question::Handshake { changes }).await;
        matches!(handshake(&facts).outcome, HandshakeOutcome::Switched(_))
    };
    assert!(!changed(&mut probe, Vec::new()).await);
    assert!(changed(&mut probe, vec![Change::Like]).await);
    let agent = Change::HeaderFrom {
        name: "User-Agent".to_owned(),
    };
    assert!(changed(&mut probe, vec![agent]).await);
}
