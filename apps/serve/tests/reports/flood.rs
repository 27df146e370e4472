//! Many reports at once: the store stays bounded, and sessions beside it go on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use towpath_session::Envelope;
use towpath_session::item::Kind;

use crate::client::{World, fallen_back};
use crate::raw::{Socket, attach, fresh, item};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_reports_a_second_hold_up_no_session() {
    flood(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute"]
async fn two_hundred_reports_a_second_for_a_minute_hold_up_no_session() {
    flood(60).await;
}

/// Every report is answered by name; every item comes back, in order.
async fn flood(seconds: u64) {
    let world = Arc::new(World::start(|settings| settings.reports.megabytes = 1).await);
    let echoes: Vec<_> = (0..4)
        .map(|number| tokio::spawn(echo(Arc::clone(&world), number)))
        .collect();
    let mut beats = interval(Duration::from_secs(1) / REPORTS_A_SECOND);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sent = Vec::new();
    for number in 0..u64::from(REPORTS_A_SECOND) * seconds {
        beats.tick().await;
        let world = Arc::clone(&world);
        sent.push(tokio::spawn(async move {
            let mut report = fallen_back(&json!(null), &format!("flood{number}"));
            let texts = report["page"].as_object_mut().unwrap();
            texts.insert("csp_directive".to_owned(), json!("x".repeat(200)));
            world.report(&report).await.status
        }));
    }
    let (mut taken, mut busy) = (0_u64, 0_u64);
    for one in sent {
        match one.await.unwrap() {
            200 => taken += 1,
            503 => busy += 1,
            other => panic!("{other}"),
        }
    }
    // How many are refused as busy is up to the disk.
    assert!(taken > 0, "{busy} refused as busy");
    for one in echoes {
        one.await.unwrap();
    }
    let store = world.store();
    assert!(store.bytes().unwrap() <= 1024 * 1024);
    let kept = store.count().unwrap();
    assert!(kept > 0 && kept <= taken);
    let dropped = world
        .metric("towpath_cases_dropped_total{reason=\"size\"}", taken - kept)
        .await;
    assert_eq!(kept + dropped, taken, "what is not kept is counted");
}

/// Says things and waits for each to come back.
async fn echo(world: Arc<World>, number: u8) {
    let mut socket = Socket::open(world.address, "/echo/.towpath/websocket").await;
    let body = attach(fresh(100 + number), 1, true).json();
    socket.say(&[Envelope::Attach(&body)]).await;
    assert!(matches!(
        socket.next().await,
        Some(crate::raw::Owned::Attached(_))
    ));
    assert_eq!(socket.item().await.1, Kind::Opened);
    for sequence in 1..=ECHOES {
        let text = format!("{number}-{sequence}");
        socket.say(&[item(sequence, &text)]).await;
        let (_, kind, payload) = socket.item().await;
        assert_eq!((kind, payload), (Kind::Text, text.into_bytes()));
    }
}

const REPORTS_A_SECOND: u32 = 200;

/// Items of each session beside.
const ECHOES: u64 = 500;
