//! Each network leaves its mark on exactly the probes that it breaks, and the control passes through all of them.

use std::time::Duration;

use towpath_lab::Settings;

use crate::asking::{Answer, Heard, Place};

async fn behind(name: &str) -> Place {
    Place::behind(name, Settings::default()).await
}

async fn control_passes(place: &Place) {
    let fetched = place.get("fetch").await;
    assert_eq!(fetched.status, 200, "{fetched:?}");
    assert!(fetched.body.contains("\"HTTP/1.1\""), "{fetched:?}");
}

/// By how much each chunk of a stream came later than it was written, at most.
fn latest(answer: &Answer) -> u128 {
    let lines = answer.body.lines();
    let written = lines.filter_map(|line| line.trim_end().split_once(' ')?.1.parse().ok());
    let last: u128 = written.clone().max().unwrap();
    let first: u128 = written.min().unwrap();
    // Whoever holds back hands on the first with the last.
    answer.reads[0].saturating_sub(first).min(last - first)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_network_leaves_no_mark() {
    let place = behind("clear").await;
    control_passes(&place).await;
    let mut socket = place.open("first").await.ok().unwrap();
    assert_eq!(socket.hear().await, Heard::Text("hello".to_owned()));
    socket.say("hi").await;
    assert_eq!(socket.hear().await, Heard::Text("hi".to_owned()));
    let stream = place.get("stream?count=4&beat=1000").await;
    assert!(
        stream.is_whole && stream.body.lines().count() == 4,
        "{stream:?}"
    );
    assert!(latest(&stream) < 3000, "{stream:?}");
    assert_eq!(place.post(1 << 20).await.body, r#"{"bytes":1048576}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_without_upgrades_is_seen_by_the_status() {
    for (name, status) in [("stripped", 426), ("refused", 403), ("hung", 0)] {
        let place = behind(name).await;
        control_passes(&place).await;
        let opened = place.open("echo").await;
        assert_eq!(opened.err(), Some(status), "{name}");
        assert_eq!(place.get("poll?wait=10").await.body, "0 10\n", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_resets_at_the_first_frame_lets_silence_live() {
    let place = behind("reset-at-frame").await;
    control_passes(&place).await;
    let mut silent = place.open("silent").await.ok().unwrap();
    assert_eq!(silent.hear().await, Heard::Nothing);
    silent.say("hi").await;
    assert_eq!(silent.hear().await, Heard::Cut);
    let mut first = place.open("first").await.ok().unwrap();
    assert_eq!(first.hear().await, Heard::Text("hello".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mute_network_is_told_by_which_way_is_mute() {
    let hello = Heard::Text("hello".to_owned());
    for (name, first) in [
        ("mute", Heard::Nothing),
        ("mute-down", Heard::Nothing),
        ("mute-up", hello),
    ] {
        let place = behind(name).await;
        control_passes(&place).await;
        let mut socket = place.open("first").await.ok().unwrap();
        assert_eq!(socket.hear().await, first, "{name}");
        socket.say("hi").await;
        assert_eq!(socket.hear().await, Heard::Nothing, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_buffers_is_seen_by_the_times() {
    let place = behind("buffered").await;
    control_passes(&place).await;
    for probe in ["stream", "sse"] {
        let answer = place.get(&format!("{probe}?count=4&beat=300")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.is_whole, "{answer:?}");
        assert!(answer.reads[0] >= 900, "{probe}: {:?}", answer.reads);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_limits_bodies_is_seen_by_their_size() {
    let place = behind("small-bodies").await;
    control_passes(&place).await;
    assert_eq!(place.post(1024).await.body, r#"{"bytes":1024}"#);
    assert_eq!(place.post(128 << 10).await.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_cuts_idle_connections_cuts_the_silence_alone() {
    let settings = Settings {
        period: Some(Duration::from_millis(1500)),
        ..Settings::default()
    };
    let place = Place::behind("cut-idle", settings).await;
    control_passes(&place).await;
    let busy = place.get("stream?count=11&beat=300").await;
    assert!(busy.is_whole && busy.body.lines().count() == 11, "{busy:?}");
    let idle = place.get("stream?count=3&beat=100&idle=6000").await;
    assert!(!idle.is_whole && idle.body.lines().count() == 2, "{idle:?}");
    let mut socket = place.open("silent").await.ok().unwrap();
    assert_eq!(socket.hear().await, Heard::Cut);
}
