use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    Arrival, Attachment, AttachmentEnd, Header, PastEnd, RequestHead, Transport,
};
use towpath_diagnosis::{Fact, Observation, ObservationId};
use towpath_reports::Filter;

use super::*;
use crate::config::Settings;
use crate::gateway::Gateway;

fn reports() -> Reports {
    Reports::new(&ReportSettings::default()).unwrap()
}

fn cut(age_ms: u64) -> Attachment {
    Attachment {
        transport: Transport::Websocket,
        generation: 1,
        http2: false,
        attached: true,
        used: true,
        age_ms,
        first_up_ms: Some(3),
        silent_up_ms: 60_000,
        silent_down_ms: 60_000,
        bytes_up: 900,
        bytes_down: 900,
        messages_up: Some(3),
        messages_down: Some(3),
        round_trip_us: None,
        end: AttachmentEnd::Reset,
    }
}

/// A session whose WebSocket lost its upgrade on the way.
fn seen(code: &str, network: &str) -> Seen {
    let header = |(name, value): (&str, &str)| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let headers = [
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ),
        ("sec-websocket-key", ""),
        ("sec-websocket-version", "13"),
    ];
    let arrival = Arrival {
        transport: Transport::Websocket,
        request: RequestHead {
            method: "GET".to_owned(),
            target: "/chat/.towpath/websocket".to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: headers.map(header).to_vec(),
        },
        hello: None,
        trusted_hops: 0,
        network: network.to_owned(),
        round_trip_us: None,
        status: 426,
    };
    let observation = Observation {
        id: ObservationId(1),
        at_ms: 12,
        vantage: Vantage::Gateway,
        answers: None,
        fact: Fact::Arrival(arrival),
    };
    Seen {
        code: code.into(),
        started_unix_ms: 1_000_000,
        network: network.to_owned(),
        user: "u".to_owned(),
        browser: "Chrome 141".to_owned(),
        host: "app.example".to_owned(),
        secure: true,
        path: "/chat".to_owned(),
        transport: "stream".to_owned(),
        observations: vec![observation],
    }
}

async fn codes(reports: &Reports) -> Vec<String> {
    let lines = reports.ask(|store| store.cases(&Filter::default()).unwrap());
    let lines = lines.await.unwrap();
    lines.into_iter().map(|line| line.code).collect()
}

#[tokio::test]
async fn a_job_that_panics_ends_no_other() {
    let reports = reports();
    let failed = reports.ask(|_| -> u8 { panic!("on purpose") }).await;
    assert_eq!(failed, Err(Busy));
    assert_eq!(reports.ask(|store| store.count().unwrap()).await, Ok(0));
}

#[tokio::test]
async fn the_gateway_alone_keeps_faults_and_nothing_healthy() {
    let reports = reports();
    let mut healthy = seen("healthy1", "192.0.2.0/24");
    healthy.observations.clear();
    reports.notice(healthy);
    assert!(codes(&reports).await.is_empty());
    reports.notice(seen("stripped", "192.0.2.0/24"));
    assert_eq!(codes(&reports).await, ["stripped"]);
}

#[tokio::test]
async fn one_network_begins_only_so_many_cases_a_minute() {
    let reports = reports();
    for number in 0..50 {
        reports.notice(seen(&format!("code{number}"), "192.0.2.0/24"));
    }
    reports.notice(seen("elsewhere", "198.51.100.0/24"));
    let kept = codes(&reports).await;
    assert_eq!(kept.len(), 21, "{kept:?}");
    assert!(kept.contains(&"elsewhere".to_owned()));
    // What is known already may always become more.
    reports.notice(seen("code0", "192.0.2.0/24"));
    assert_eq!(codes(&reports).await.len(), 21);
}

#[tokio::test]
async fn connections_of_a_network_are_one_case_a_day() {
    let reports = reports();
    let ends = |count: u32| {
        let end = |number| PastEnd {
            at_ms: u64::from(number) * 100_000,
            client: number % 3,
            attachment: cut(61_000 + u64::from(number) * 7_000),
        };
        History {
            network: "192.0.2.0/24".to_owned(),
            span_ms: 1_000_000,
            clients: 3,
            arrivals: Vec::new(),
            ends: (0..count).map(end).collect(),
        }
    };
    let now = 1_790_000_000_000;
    reports.notice_history(ends(6), now);
    reports.notice_history(ends(7), now + 60_000);
    let kept = codes(&reports).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    let ranked = reports
        .ask(|store| store.findings(0).unwrap())
        .await
        .unwrap();
    assert_eq!(
        ranked[0].users, 3,
        "the network's clients count: {ranked:?}"
    );
    reports.notice_history(ends(8), now + 2 * 24 * 3_600_000);
    assert_eq!(codes(&reports).await.len(), 2);
}

#[tokio::test]
async fn counts_so_far_are_added_once() {
    let reports = reports();
    let mut watch = reports.watch();
    let tally = |used, fallback| Tally {
        used,
        fallback,
        open: used,
        ..Tally::default()
    };
    for (minute, used, fallback) in [(60, 2, 1), (60, 5, 1), (120, 1, 0)] {
        reports.tally(minute, "stream", tally(used, fallback));
    }
    let points = reports.ask(|store| store.transports(0, 60).unwrap()).await;
    let used: Vec<_> = points.unwrap().iter().map(|one| one.tally.used).collect();
    assert_eq!(used, [5, 1]);
    assert_eq!(reports.numbers.fallbacks.get(), 1);
    let News::Tally(minute, transport, first) = watch.recv().await.unwrap() else {
        panic!("counts come first");
    };
    assert_eq!((minute, transport, first.used), (60, "stream", 2));
}

#[tokio::test]
async fn everything_is_written_out_a_line_a_case() {
    let gateway = Gateway::new(Settings::default()).unwrap();
    for number in 0..100 {
        let case = join(seen(&format!("c{number}"), "192.0.2.0/24"), None);
        gateway.reports.hand(move |desk| desk.keep(&case));
    }
    let body = lines(&gateway);
    let bytes = http_body_util::BodyExt::collect(body)
        .await
        .unwrap()
        .to_bytes();
    let text = std::str::from_utf8(&bytes).unwrap();
    let codes: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Case>(line).unwrap().code)
        .collect();
    assert_eq!(codes.len(), 100);
    assert_eq!((&*codes[0], &*codes[99]), ("c0", "c99"));
}

#[test]
fn a_file_that_is_no_store_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.reports.file = Some(folder.path().join("missing").join("reports.sqlite"));
    let error = Gateway::new(settings).unwrap_err();
    let text = format!(
        "{error}: {:?}",
        std::error::Error::source(&error).map(ToString::to_string)
    );
    assert!(
        text.contains("reports.file") && text.contains("missing"),
        "{text}"
    );
}
