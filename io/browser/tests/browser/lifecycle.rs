//! How a run starts and how nothing of it remains.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;
use towpath_browser::{BrowserError, BrowserOptions, CaptureRequest, capture};

use crate::processes::{all_gone, profile_of};
use crate::support::{Manner, Server, options};

/// A directory of this test's own, so that only its run can be meant.
fn own_directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("directory");
    directory
}

fn write_program(program: &Path, script: &str) {
    fs::write(program, format!("#!/bin/sh\n{script}\n")).expect("write");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("mode");
}

fn program_that(directory: &Path, script: &str) -> BrowserOptions {
    write_program(&directory.join("browser"), script);
    BrowserOptions {
        program: Some(directory.join("browser")),
        ..options()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_ends_at_once_leaves_its_last_words() {
    let directory = own_directory("ends-at-once");
    let options = program_that(
        &directory,
        "echo 'libnss3.so: cannot open shared object file' >&2; exit 127",
    );
    let error = capture(&options, &CaptureRequest::open("ws://127.0.0.1:9/"))
        .await
        .expect_err("it cannot start");
    assert!(
        matches!(error, BrowserError::LaunchFailed { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("libnss3.so"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_says_nothing_is_given_up_and_killed() {
    let directory = own_directory("says-nothing");
    let mut options = program_that(&directory, "while :; do sleep 1; done");
    options.launch_timeout = Duration::from_millis(300);
    let error = capture(&options, &CaptureRequest::open("ws://127.0.0.1:9/"))
        .await
        .expect_err("it is silent");
    assert!(matches!(error, BrowserError::Timeout { .. }), "{error:?}");
    let program = directory.join("browser").display().to_string();
    all_gone(&program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn helpers_that_outlive_the_browser_are_killed_too() {
    let directory = own_directory("helpers");
    let helper = directory.join("helper");
    write_program(&helper, "while :; do sleep 1; done");
    let helper = helper.display().to_string();
    let options = program_that(
        &directory,
        &format!("'{helper}' & echo no screen >&2; exit 1"),
    );
    let error = capture(&options, &CaptureRequest::open("ws://127.0.0.1:9/"))
        .await
        .expect_err("it cannot start");
    assert!(error.to_string().contains("no screen"), "{error}");
    all_gone(&helper).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_capture_leaves_no_process_and_no_file() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=finished";
    let mut options = options();
    options.extra_flags.push(marker.to_owned());
    let mut request = CaptureRequest::open(server.websocket("/"));
    request.linger = Duration::from_secs(1);
    let watch = async {
        while server.handshakes().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let profile = profile_of(marker);
        let scratch = fs::read_dir(profile.join("t"))
            .expect("the profile has a folder for temporary files")
            .count();
        (profile, scratch)
    };
    let (capture, watched) = tokio::join!(
        capture(&options, &request),
        timeout(Duration::from_mins(1), watch)
    );
    let (profile, scratch) = watched.expect("the handshake arrives");
    assert!(scratch > 0, "temporary files went elsewhere");
    assert!(capture.expect("capture").net_log_read);
    assert!(!profile.exists(), "{} is left", profile.display());
    all_gone(marker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_capture_leaves_no_process_and_no_file() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=cancelled";
    let mut options = options();
    options.extra_flags.push(marker.to_owned());
    let mut request = CaptureRequest::open(server.websocket("/"));
    request.linger = Duration::from_mins(1);
    let run = capture(&options, &request);
    let watch = async {
        while server.handshakes().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        profile_of(marker)
    };
    let patience = Duration::from_mins(1);
    let profile = tokio::select! {
        outcome = run => panic!("it should have stayed with the socket: {outcome:?}"),
        profile = timeout(patience, watch) => profile.expect("the handshake arrives"),
    };
    assert!(!profile.exists(), "{} is left", profile.display());
    all_gone(marker).await;
}
