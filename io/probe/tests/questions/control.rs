//! Ordinary requests.

use towpath_diagnosis::observation::{ControlPath, Exchange, ExchangeOutcome, Fact};
use towpath_diagnosis::question::Question;
use towpath_probe::Probe;

use crate::server::{Reply, answer, plain, secure, settings, value};

fn exchange(facts: &[Fact]) -> &Exchange {
    match facts.last() {
        Some(Fact::Exchange(exchange)) => exchange,
        _ => panic!("{facts:#?}"),
    }
}

#[tokio::test]
async fn a_control_has_no_upgrade_and_tells_the_clock() {
    let (address, seen) = plain(|_| {
        let date = "Date: Thu, 01 Jan 1970 00:01:40 GMT\r\n";
        Reply::Answer(answer("200 OK", date, "hello"))
    })
    .await;
    let mut probe = Probe::new(settings(address));
    for (path, target) in [
        (ControlPath::Root, "/"),
        (ControlPath::Same, "/ws"),
        (ControlPath::Absent, "/towpath-absent-"),
    ] {
        let facts = probe.ask(&Question::Control { path, plain: false }).await;
        let exchange = exchange(&facts);
        assert!(exchange.request.target.starts_with(target));
        let ExchangeOutcome::Answered { response } = &exchange.outcome else {
            panic!("{exchange:?}");
        };
        assert_eq!(response.body.text, "hello");
        assert!(exchange.clock_offset_s.unwrap() < -1_000_000_000);
    }
    for head in seen.lock().unwrap().iter() {
        assert_eq!(value(head, "Upgrade"), None);
        assert_eq!(value(head, "Sec-WebSocket-Key"), None);
    }
}

#[tokio::test]
async fn a_plain_request_to_a_tls_port_is_told() {
    let (address, _, _) = secure(|_| Reply::Hang).await;
    let mut given = settings(address);
    given.scheme = towpath_diagnosis::observation::Scheme::Wss;
    let question = Question::Control {
        path: ControlPath::Root,
        plain: true,
    };
    let facts = Probe::new(given).ask(&question).await;
    let ExchangeOutcome::Failed(failed) = &exchange(&facts).outcome else {
        panic!("{facts:?}");
    };
    let text = format!("{failed:?}");
    assert!(
        text.contains("NotHttp") || text.contains("EndOfStream"),
        "{text}"
    );
}
