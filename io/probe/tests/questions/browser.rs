//! A real browser's attempt, where there is a browser.

use towpath_diagnosis::observation::{BrowserOutcome, Change, Fact, HandshakeOutcome};
use towpath_diagnosis::question::Question;
use towpath_probe::{Probe, ProbeSettings};

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

const PAGE: &str = "<title>app</title><script>setTimeout(() => { const socket = new WebSocket(`ws://${location.host}/ws`, \
    'graphql-transport-ws'); socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', \
    payload: { token: 'very-secret' } })) }, 4000)</script>";

#[tokio::test]
async fn the_browsers_named_page_tells_its_first_words_by_names_only() {
    if towpath_browser::find().is_err() {
        eprintln!("not tested: there is no Chromium on this machine");
        return;
    }
    let (address, _) = plain(|head| match value(head, "Sec-WebSocket-Protocol") {
        Some(subprotocol) => {
            let chosen = format!("Sec-WebSocket-Protocol: {subprotocol}\r\n");
            Reply::Stay(switch(head, &chosen, ""))
        }
        None if value(head, "Upgrade").is_some() => Reply::Answer(answer("403 Forbidden", "", "")),
        None => Reply::Answer(answer(
            "200 OK",
            "Content-Type: text/html\r\nX-Page: yes\r\n",
            PAGE,
        )),
    })
    .await;
    let mut probe = Probe::new(ProbeSettings {
        page: Some(format!("http://{address}/app")),
        ..settings(address)
    });
    let facts = probe.ask(&Question::Browser).await;
    let Some(Fact::Browser(own)) = facts.first() else {
        panic!("{facts:?}");
    };
    assert!(
        matches!(own.outcome, BrowserOutcome::Opened { .. }),
        "{own:?}"
    );
    let first = own.messages.first().expect("the page's first message");
    assert!(first.sent);
    assert_eq!(first.name.as_deref(), Some("connection_init"));
    assert_eq!(first.texts_at, ["/payload/token", "/type"]);
    let document = own.document.as_deref().expect("the page's answer");
    assert_eq!(
        (document.status, document.header("x-page")),
        (200, Some("yes"))
    );
    let report = serde_json::to_string(&facts).expect("facts are data");
    assert!(!report.contains("very-secret"), "{report}");
}
