use towpath_diagnosis::page_report::PageReport;

use super::*;

fn seen(started_unix_ms: u64) -> Seen {
    Seen {
        code: "k3m9p2xq".into(),
        started_unix_ms,
        network: "192.0.2.0/24".to_owned(),
        user: "u".to_owned(),
        browser: "other".to_owned(),
        host: "app.example:8443".to_owned(),
        secure: true,
        path: "/chat".to_owned(),
        transport: String::new(),
        observations: Vec::new(),
    }
}

fn report(text: &str) -> PageReport {
    PageReport::parse(text.as_bytes()).unwrap()
}

const REPORT: &str = r#"{"version":1,"now":5000,
    "page":{"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0","origin":"https://liar.example","online":true},
    "attempts":[{"at":0,"transport":"websocket","ended_ms":3000,"end":{"end":"silent"}},
                {"at":3000,"transport":"poll","opened_ms":20,"proven_ms":40,"end":{"end":"open"}}]}"#;

#[test]
fn both_sides_share_one_axis_that_begins_with_the_earlier() {
    let mut seen = seen(1_000_000);
    seen.observations.push(Observation {
        id: ObservationId(1),
        at_ms: 250,
        vantage: Vantage::Gateway,
        answers: None,
        fact: Fact::Arrival(towpath_diagnosis::observation::Arrival {
            transport: Transport::Poll,
            request: towpath_diagnosis::observation::RequestHead::default(),
            hello: None,
            trusted_hops: 0,
            network: "192.0.2.0/24".to_owned(),
            round_trip_us: None,
            status: 200,
        }),
    });
    let page = PageSide::of(report(REPORT), 1_002_000, Some("https://app.example"));
    let case = join(seen, Some(page));
    assert_eq!(
        case.started_unix_ms, 997_000,
        "the page began before the gateway saw it"
    );
    assert_eq!(case.updated_unix_ms, 1_002_000);
    let told: Vec<_> = case
        .observations
        .iter()
        .map(|one| (one.id.0, one.at_ms, one.vantage))
        .collect();
    assert_eq!(
        told,
        [
            (1, 0, Vantage::Gateway),
            (2, 0, Vantage::Page),
            (3, 3_000, Vantage::Page),
            (4, 3_250, Vantage::Gateway),
            (5, 5_000, Vantage::Page),
        ]
    );
    let Fact::Target(target) = &case.observations[0].fact else {
        panic!("{:?}", case.observations[0]);
    };
    assert_eq!(target.url, "wss://app.example:8443/chat");
    assert_eq!(case.transport, "poll");
    assert_eq!(case.browser, "Firefox 140");
    let Fact::Page(page) = &case.observations[4].fact else {
        panic!("{:?}", case.observations[4]);
    };
    assert_eq!(
        page.origin, "https://app.example",
        "what the request says counts"
    );
}

#[test]
fn what_a_page_said_stays_when_the_gateway_adds_to_it() {
    let page = PageSide::of(report(REPORT), 1_002_000, None);
    let first = join(seen(1_000_000), Some(page));
    let again = join(seen(1_000_000), PageSide::kept(&first));
    assert_eq!(first, again);
}

#[test]
fn no_clock_moves_a_case_far_back() {
    let text = r#"{"version":1,"now":9007199254740991,"attempts":[{"at":0,"transport":"poll","end":{"end":"open"}}]}"#;
    let page = PageSide::of(report(text), 1_000_000_000_000, None);
    let case = join(seen(1_000_000_000_000), Some(page));
    assert_eq!(case.started_unix_ms, 1_000_000_000_000 - 12 * 3_600_000);
}

#[test]
fn hosts_are_read_with_and_without_a_port() {
    for (authority, secure, url) in [
        ("app.example", true, "wss://app.example/chat"),
        ("[2001:db8::1]", true, "wss://[2001:db8::1]/chat"),
        ("[2001:db8::1]:81", false, "ws://[2001:db8::1]:81/chat"),
        ("app.example:99999", false, "ws://app.example/chat"),
        ("", false, "ws:///chat"),
    ] {
        assert_eq!(target(authority, secure, "/chat", 0).url, url);
    }
}

#[test]
fn what_a_case_is_about_is_read_from_its_facts() {
    let test = r#"{"version":1,"now":1,"tests":[{"at":0,"test":{"test":"fetch"},"outcome":{"outcome":"passed"},"elapsed_ms":1}]}"#;
    let of = |text: Option<&str>| {
        let page = text.map(|text| PageSide::of(report(text), 5, None));
        join(seen(5), page).kind
    };
    assert_eq!(of(Some(test)), CaseKind::Check);
    assert_eq!(of(Some(REPORT)), CaseKind::Session);
    assert_eq!(of(None), CaseKind::Session);
}
