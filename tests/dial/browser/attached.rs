//! A browser that somebody else runs: used, and left as it was.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use towpath_tests::boxes::node;
use towpath_tests::support::{Folder, Program, port};

use crate::ask::Ask;
use crate::processes;
use crate::program::{Dial, Home};

/// A browser with its debugging port open.
struct Theirs {
    program: Program,
    port: u16,
}

impl Theirs {
    fn start() -> Self {
        let (folder, port) = (Folder::new(), port::free());
        let mut command = Command::new("chromium-headless-shell");
        command
            .arg(format!("--remote-debugging-port={port}"))
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .args(["--no-sandbox", "--disable-gpu", "--no-proxy-server"])
            .arg("about:blank")
            .env("HOME", folder.path());
        Self {
            program: Program::start(folder, &mut command).listening(port),
            port,
        }
    }

    /// The addresses of its pages.
    async fn pages(&self) -> Vec<String> {
        let answer = Ask::at(self.port, "/json/list").get().await;
        let targets: Value = serde_json::from_str(&answer.body).expect("JSON");
        let targets = targets.as_array().expect("a list").iter();
        let pages = targets.filter(|target| target["type"] == "page");
        let url = |page: &Value| page["url"].as_str().unwrap_or_default().to_owned();
        pages.map(url).collect()
    }

    /// Waits until only its own page is there.
    async fn is_alone(&self) {
        let began = Instant::now();
        loop {
            let pages = self.pages().await;
            if pages == ["about:blank"] {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{pages:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Ends the browser itself, which a script has started.
impl Drop for Theirs {
    fn drop(&mut self) {
        for process in processes::below(self.program.process()) {
            if process.is_browser() {
                processes::signal("TERM", process.id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_used_and_left() {
    let (home, theirs, backend) = world();
    let dial = dial(&home, &theirs, &backend.ws("/"));
    let mut client = dial.ask("/echo").open().await;
    client.echo("in a browser that was there").await;
    assert!(
        processes::below(dial.process()).is_empty(),
        "none of its own"
    );
    assert_eq!(theirs.pages().await.len(), 2);
    client.farewell().await;
    let process = dial.process();
    processes::signal("TERM", process);
    processes::gone(&[process]).await;
    theirs.is_alone().await;
    assert!(!processes::below(theirs.program.process()).is_empty());
}

/// What a killed run left in it is cleared away by the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_cleared_after_a_kill() {
    let (home, theirs, backend) = world();
    let killed = dial(&home, &theirs, &backend.ws("/"));
    let mut client = killed.ask("/echo").open().await;
    client.echo("before").await;
    killed.kill().await;
    let next = dial(&home, &theirs, &backend.ws("/"));
    let mut client = next.ask("/echo").open().await;
    client.echo("after").await;
    assert_eq!(theirs.pages().await.len(), 2);
    client.farewell().await;
    let process = next.process();
    processes::signal("TERM", process);
    processes::gone(&[process]).await;
    theirs.is_alone().await;
}

/// The end of it is told at once, and a later connection says that it is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn may_end() {
    let (home, theirs, backend) = world();
    let dial = dial(&home, &theirs, &backend.ws("/"));
    let mut client = dial.ask("/echo").open().await;
    client.echo("before").await;
    drop(theirs);
    let code = client.closed().await;
    assert_eq!(code, Some(1012));
    let answer = dial.ask("/echo").refused().await;
    assert_eq!(answer.status, 502, "{answer:#?}");
}

fn world() -> (Home, Theirs, towpath_tests::boxes::Running) {
    let backend = node::start("conformance.mjs", "");
    (Home::default(), Theirs::start(), backend)
}

fn dial(home: &Home, theirs: &Theirs, url: &str) -> Dial {
    let address = format!("http://127.0.0.1:{}", theirs.port);
    Dial::start(
        home,
        &["--via", "browser", "--browser-attach", &address, url],
    )
}

const PATIENCE: Duration = Duration::from_secs(5);
