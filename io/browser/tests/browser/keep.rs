//! One browser for many sockets: how it starts, how it is lost, and what remains.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::timeout;
use towpath_browser::{
    BrowserOptions, BrowserProxy, BrowserReceiver, BrowserSender, CaptureRequest, Credentials,
    Keeper, KeeperSettings, OpenError, SocketEvent, SocketRequest, capture,
};

use crate::processes::{all_gone, browser, profile_of, renderers, signal};
use crate::support::{Manner, Server, options, start_proxy};

const PATIENCE: Duration = Duration::from_mins(1);

fn keeper(marker: &str) -> Keeper {
    let mut options = options();
    options.extra_flags.push(marker.to_owned());
    Keeper::new(KeeperSettings {
        options,
        ..KeeperSettings::default()
    })
}

async fn open(
    keeper: &Keeper,
    server: &Server,
) -> Result<(BrowserSender, BrowserReceiver), OpenError> {
    let mut request = SocketRequest::new(server.websocket("/"));
    request.timeout = PATIENCE;
    let socket = keeper.open(request).await?;
    Ok(socket.split())
}

/// Waits for the end of a socket and gives its code and why it was lost.
pub(crate) async fn closed(receiver: &mut BrowserReceiver) -> (u16, String) {
    let end = async {
        loop {
            match receiver.next().await {
                Some(SocketEvent::Closed { code, lost, .. }) => {
                    return (code, lost.unwrap_or_default());
                }
                Some(SocketEvent::Message(_)) => {}
                None => panic!("a close comes last"),
            }
        }
    };
    timeout(PATIENCE, end).await.expect("it is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_at_once_share_one_browser_that_ends_on_demand() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=shared";
    let keeper = keeper(marker);
    assert!(!keeper.status().running);
    let (first, second) = tokio::join!(open(&keeper, &server), open(&keeper, &server));
    let status = keeper.measure().await;
    assert!(
        status.running && status.version.contains("Chrome"),
        "{status:?}"
    );
    assert_eq!((status.sockets, status.pages, status.restarts), (2, 1, 0));
    assert!(status.processes > 2, "{status:?}");
    assert!(status.pss_bytes > status.anonymous_bytes, "{status:?}");
    assert!(status.anonymous_bytes > Some(10 << 20), "{status:?}");
    let profile = profile_of(marker);
    keeper.end().await;
    assert!(!keeper.status().running);
    assert!(!profile.exists(), "{} is left", profile.display());
    all_gone(marker).await;
    for socket in [first, second] {
        let (_sender, mut receiver) = socket.expect("a socket");
        let (code, lost) = closed(&mut receiver).await;
        assert_eq!((code, lost.as_str()), (1006, "the browser was ended"));
    }
    assert_eq!(keeper.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_renderer_ends_its_sockets_and_no_more() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=renderer";
    let keeper = keeper(marker);
    let (_sender, mut receiver) = open(&keeper, &server).await.expect("a socket");
    let process = browser(marker).id;
    for renderer in renderers(marker) {
        signal("KILL", renderer.id);
    }
    let (code, lost) = closed(&mut receiver).await;
    assert_eq!(code, 1006, "{lost}");
    assert!(lost.contains("crashed"), "{lost}");
    open(&keeper, &server)
        .await
        .expect("a new page in the same browser");
    assert_eq!(browser(marker).id, process);
    assert_eq!(keeper.status().restarts, 0);
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_ends_its_sockets_at_once_and_is_replaced_on_demand() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=killed";
    let keeper = keeper(marker);
    let (_sender, mut receiver) = open(&keeper, &server).await.expect("a socket");
    let profile = profile_of(marker);
    signal("KILL", browser(marker).id);
    let (code, lost) = closed(&mut receiver).await;
    assert_eq!(code, 1006, "{lost}");
    assert!(lost.contains("browser ended"), "{lost}");
    all_gone(marker).await;
    let (_sender, _receiver) = open(&keeper, &server).await.expect("another browser");
    assert_eq!(keeper.status().restarts, 1);
    assert!(!profile.exists(), "{} is left", profile.display());
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_its_ceiling_a_browser_takes_no_more_sockets_until_it_is_idle() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let keeper = Keeper::new(KeeperSettings {
        options: options(),
        memory_bytes_max: Some(1 << 20),
        ..KeeperSettings::default()
    });
    let socket = open(&keeper, &server)
        .await
        .expect("nothing is measured yet");
    keeper.measure().await;
    match open(&keeper, &server).await {
        Err(OpenError::Limit { what }) => assert!(what.contains("of at most 1 MB"), "{what}"),
        other => panic!("{:?}", other.err()),
    }
    drop(socket);
    let replaced = async {
        while open(&keeper, &server).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, replaced).await.expect("a new browser");
    assert_eq!(keeper.status().restarts, 0);
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_go_through_the_proxy_and_the_pages_link_does_not() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    // Basic authentication of `mary` with `pw`.
    let (proxy, tunnels) = start_proxy("Basic bWFyeTpwdw==").await;
    let keeper = Keeper::new(KeeperSettings {
        options: BrowserOptions {
            proxy: BrowserProxy::Server {
                url: format!("http://{proxy}"),
                credentials: Some(Credentials {
                    username: "mary".to_owned(),
                    password: "pw".to_owned(),
                }),
            },
            ..options()
        },
        ..KeeperSettings::default()
    });
    open(&keeper, &server).await.expect("a socket");
    let tunnels = tunnels.lock().expect("no test panics while it holds this");
    assert_eq!(*tunnels, [server.address.to_string()]);
}

/// Another process of this test program, which holds a browser with this marker, or the one at this address. It is not a test by itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of others"]
async fn holds_a_browser_until_it_is_killed() {
    let Ok(marker) = env::var(HOLDER_MARKER) else {
        return;
    };
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let mut options = options();
    if marker.starts_with("http") {
        options.attach = Some(marker);
    } else {
        options.extra_flags.push(marker);
    }
    let keeper = Keeper::new(KeeperSettings {
        options,
        ..KeeperSettings::default()
    });
    let _socket = open(&keeper, &server).await.expect("a socket");
    println!("{READY}");
    std::future::pending::<()>().await;
}

pub(crate) fn start_holder(marker: &str) -> Child {
    let mut child = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "keep::holds_a_browser_until_it_is_killed"])
        .args(["--ignored", "--nocapture"])
        .env(HOLDER_MARKER, marker)
        .stdout(Stdio::piped())
        .spawn()
        .expect("another process");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.contains(READY));
    assert!(ready, "it holds a browser");
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_killed_run_no_process_stays_and_the_next_start_removes_its_files() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=orphan";
    let mut holder = start_holder(marker);
    let profile = profile_of(marker);
    let beside = keeper("--towpath-test=beside");
    open(&beside, &server).await.expect("a socket");
    assert!(profile.exists(), "its run is alive");

    holder.kill().expect("killed");
    holder.wait().expect("dead");
    all_gone(marker).await;
    beside.end().await;
    open(&beside, &server).await.expect("another start");
    assert!(!profile.exists(), "{} is left", profile.display());
    beside.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_outlives_a_killed_run_is_killed_by_the_next_start() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let marker = "--towpath-test=stubborn";
    let mut holder = start_holder(marker);
    let profile = profile_of(marker);
    signal("STOP", browser(marker).id);
    holder.kill().expect("killed");
    holder.wait().expect("dead");
    capture(&options(), &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("any start will do");
    all_gone(marker).await;
    assert!(!profile.exists(), "{} is left", profile.display());
}

const HOLDER_MARKER: &str = "TOWPATH_TEST_HOLDER";
const READY: &str = "the browser is held";
