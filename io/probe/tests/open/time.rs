//! The time ladder.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use towpath_diagnosis::observation::{Ending, Traffic};
use towpath_diagnosis::question::Question;

use crate::server::{echo, endurances, probe, serve};

/// A server that lets silence go after so long; what stops this process for a while must not look like silence.
const IDLE: Duration = Duration::from_millis(4_500);

/// Nobody waits for the end of such a watch.
const WATCH_MS: u64 = 3_600_000;

#[tokio::test]
async fn silence_kills_and_traffic_saves() {
    let address = serve(|open| echo(open, IDLE)).await;
    let reports = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&reports);
    let mut probe = probe(address, |settings| {
        settings.echo = true;
        settings.watch.progress = Some(Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        }));
    });
    let lives = endurances(probe.ask(&Question::Endure { watch_ms: WATCH_MS }).await);
    assert!(reports.load(Ordering::Relaxed) >= 3);
    for life in &lives {
        match life.traffic {
            Traffic::Silent => {
                assert_eq!(life.ended, Some(Ending::EndOfStream), "{life:?}");
                assert!(life.lived_ms >= 4_450, "{life:?}");
            }
            Traffic::Ping { .. } | Traffic::Data { .. } => {
                assert_eq!(life.ended, None, "{life:?}");
                assert!(life.pongs_received + life.data_received >= 4, "{life:?}");
            }
            Traffic::SilentThenPing { .. } => {}
        }
    }
    assert_eq!(lives.len(), 7);
}

#[tokio::test]
async fn a_healthy_server_outlives_the_watch_and_wakes_each_time() {
    let address = serve(|open| echo(open, Duration::from_mins(1))).await;
    let lives = endurances(
        probe(address, |_| ())
            .ask(&Question::Endure { watch_ms: 8_000 })
            .await,
    );
    assert!(lives.iter().all(|life| life.ended.is_none()), "{lives:#?}");
    let woken: Vec<_> = lives
        .iter()
        .filter_map(|life| life.final_ping_answered)
        .collect();
    assert!(
        !woken.is_empty() && woken.iter().all(|answered| *answered),
        "{lives:#?}"
    );
}

#[tokio::test]
async fn a_watch_can_be_ended_and_tells_what_it_saw() {
    let address = serve(|open| echo(open, Duration::from_mins(1))).await;
    let stop = Arc::new(Notify::new());
    stop.notify_one();
    let mut probe = probe(address, |settings| {
        settings.watch.stop = Some(Arc::clone(&stop));
    });
    let lives = endurances(probe.ask(&Question::Endure { watch_ms: WATCH_MS }).await);
    assert_eq!(lives.len(), 6);
}
