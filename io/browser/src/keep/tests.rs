use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::*;
use crate::options::{BrowserOptions, BrowserProxy};
use crate::profile::Profile;

const PATIENCE: Duration = Duration::from_secs(30);

fn settings() -> KeeperSettings {
    KeeperSettings {
        options: BrowserOptions {
            proxy: BrowserProxy::Direct,
            launch_timeout: Duration::from_mins(1),
            ..BrowserOptions::default()
        },
        ..KeeperSettings::default()
    }
}

fn quick() -> Timing {
    Timing {
        health_pause: Duration::from_millis(100),
        memory_first: Duration::from_millis(100),
        backoff_min: Duration::from_millis(400),
        ..Timing::default()
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, holds).await.expect(what);
}

async fn crash(keeper: &Keeper) {
    let carrier = keeper.carrier().await;
    carrier.expect("a browser");
    let slot = keeper.inner.slot.lock().await;
    let running = slot.running_debugger().expect("it runs");
    running.notify(None, "Browser.crash", json!({}));
    drop(slot);
    until("the crash is noticed", || !keeper.status().running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_followed_by_a_start_on_demand_and_not_at_once() {
    let keeper = Keeper::with_timing(settings(), quick());
    keeper.carrier().await.expect("a first browser");
    crash(&keeper).await;
    let failure = keeper.status().last_failure.expect("it is known");
    assert!(failure.contains("ended"), "{failure}");
    assert_eq!(keeper.status().restarts, 0, "nobody asked for another");

    crash(&keeper).await;
    let before = Instant::now();
    keeper.carrier().await.expect("a third browser");
    assert!(
        before.elapsed() >= Duration::from_millis(700),
        "the second pause is twice the first: {:?}",
        before.elapsed()
    );
    assert_eq!(keeper.status().restarts, 2);
    assert!(keeper.status().running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_sockets_ends_after_a_while_and_starts_again() {
    let settings = KeeperSettings {
        // It is seen running first, whatever stops this process for a while.
        idle_recycle: Duration::from_secs(4),
        ..settings()
    };
    let keeper = Keeper::with_timing(settings, Timing::default());
    keeper.carrier().await.expect("a browser");
    assert!(keeper.status().running);
    until("it is ended", || !keeper.status().running).await;
    keeper.carrier().await.expect("another browser");
    let status = keeper.status();
    assert_eq!((status.restarts, status.last_failure), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_answer_is_given_up_and_killed() {
    let timing = Timing {
        // A busy machine is no reason to give it up before it stands still.
        health_limit: Duration::from_secs(4),
        ..quick()
    };
    let keeper = Keeper::with_timing(settings(), timing);
    keeper.carrier().await.expect("a browser");
    let process = keeper.inner.facts().process().expect("it is ours");
    let group = Pid::from_raw(process.cast_signed()).expect("a number");
    kill_process_group(group, Signal::STOP).expect("stopped");
    until("it is given up", || !keeper.status().running).await;
    let failure = keeper.status().last_failure.expect("it is known");
    assert!(failure.contains("did not answer"), "{failure}");
    keeper.end().await;
    let process = PathBuf::from(format!("/proc/{process}"));
    assert!(!process.exists(), "the end waits for what a crash left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_over_its_ceiling_goes_as_soon_as_it_is_idle() {
    let settings = KeeperSettings {
        memory_bytes_max: Some(1 << 20),
        ..settings()
    };
    let keeper = Keeper::with_timing(settings, quick());
    let opening = Opening::enter(&keeper.inner);
    keeper.carrier().await.expect("a browser");
    until("it is measured", || keeper.status().pss_bytes.is_some()).await;
    let over = keeper
        .inner
        .over_ceiling()
        .expect("a megabyte is too little");
    assert!(over.ends_with("of at most 1 MB"), "{over}");
    assert!(keeper.status().running, "somebody is opening a socket");
    drop(opening);
    until("it is ended", || !keeper.status().running).await;
    assert_eq!(keeper.status().last_failure, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_one_start_share_its_failure() {
    let folder = Profile::create().expect("folder");
    let program = folder.path().join("browser");
    let script = format!(
        "#!/bin/sh\necho x >>{}/starts\nsleep 2\necho no luck >&2\nexit 1\n",
        folder.path().display()
    );
    std::fs::write(&program, script).expect("write");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("mode");
    let mut settings = settings();
    settings.options.program = Some(program);
    let keeper = Keeper::with_timing(settings, quick());
    let waiters: Vec<_> = (0..5)
        .map(|_| {
            let keeper = keeper.clone();
            tokio::spawn(async move { keeper.carrier().await.err() })
        })
        .collect();
    for waiter in waiters {
        let error = waiter.await.expect("task").expect("it cannot start");
        assert!(error.to_string().contains("no luck"), "{error}");
    }
    let starts = std::fs::read_to_string(folder.path().join("starts")).expect("starts");
    assert_eq!(starts.lines().count(), 1);
    assert!(
        keeper
            .status()
            .last_failure
            .expect("known")
            .contains("no luck")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_does_not_wait_for_a_start_that_waits_itself() {
    let timing = Timing {
        backoff_min: PATIENCE * 10,
        backoff_max: PATIENCE * 10,
        ..quick()
    };
    let keeper = Keeper::with_timing(settings(), timing);
    crash(&keeper).await;
    let waiter = keeper.clone();
    let waiter = tokio::spawn(async move { waiter.carrier().await.err() });
    until("it waits for the pause to pass", || {
        keeper.inner.slot.try_lock().is_err()
    })
    .await;
    timeout(PATIENCE, keeper.end()).await.expect("it ends");
    let error = waiter.await.expect("task").expect("no browser");
    assert_eq!(error.to_string(), "the browser was ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_clone_takes_the_browser_with_it() {
    let keeper = Keeper::new(settings());
    keeper.carrier().await.expect("a browser");
    let process = keeper.inner.facts().process().expect("it is ours");
    drop(keeper.clone());
    assert!(keeper.status().running);
    drop(keeper);
    let is_there = || PathBuf::from(format!("/proc/{process}")).exists();
    until("its process is gone", || !is_there()).await;
}
