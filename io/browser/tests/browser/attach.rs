//! A browser that somebody else runs: we come, use it, and leave it as it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_browser::{
    BrowserError, BrowserOptions, CaptureRequest, Keeper, KeeperSettings, OpenError, SocketRequest,
    capture, find,
};

use crate::keep::{closed, start_holder};
use crate::support::{Manner, Server, options};

const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with a debugging port, as a person may run it.
struct Theirs {
    process: Child,
    directory: PathBuf,
    address: String,
}

impl Theirs {
    async fn start(name: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("directory");
        let process = Command::new(find().expect("a browser"))
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--no-proxy-server",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", directory.display()))
            .arg("data:text/html,<title>theirs</title>")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let port = timeout(PATIENCE, port_in(&directory)).await;
        let address = format!("http://127.0.0.1:{}", port.expect("it listens"));
        Self {
            process,
            directory,
            address,
        }
    }

    fn options(&self) -> BrowserOptions {
        BrowserOptions {
            attach: Some(self.address.clone()),
            ..options()
        }
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(KeeperSettings {
            options: self.options(),
            ..KeeperSettings::default()
        })
    }

    /// What the browser shows to whoever asks for its pages, as JSON text.
    async fn pages(&self) -> String {
        let host = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.expect("it is there");
        let request =
            format!("GET /json/list HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        while !answer.trim_ascii_end().ends_with(b"]") {
            let count = stream.read(&mut chunk).await.expect("read");
            assert!(count > 0, "the list ends");
            answer.extend_from_slice(&chunk[..count]);
        }
        String::from_utf8(answer).expect("text")
    }

    /// Their page is there, and none of ours.
    async fn as_it_was(&self, host: &str) -> bool {
        let pages = self.pages().await;
        assert!(pages.contains("theirs"), "{pages}");
        !pages.contains(host)
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Waits until none of our pages is there any more.
async fn left(theirs: &Theirs, trace: &str) {
    let gone = async {
        while !theirs.as_it_was(trace).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("our pages end");
}

async fn port_in(directory: &Path) -> u16 {
    loop {
        let file = fs::read_to_string(directory.join("DevToolsActivePort"));
        let port = file.ok().and_then(|text| text.lines().next()?.parse().ok());
        match port {
            Some(port) => return port,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn request(server: &Server) -> SocketRequest {
    let mut request = SocketRequest::new(server.websocket("/"));
    request.timeout = PATIENCE;
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_live_in_their_browser_and_leave_nothing_in_it() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let host = server.address.to_string();
    let theirs = Theirs::start("attach-carry").await;
    let keeper = theirs.keeper();
    let socket = keeper.open(request(&server)).await.expect("a socket");
    let (_sender, mut receiver) = socket.split();
    let status = keeper.measure().await;
    assert_eq!(status.attached.as_deref(), Some(theirs.address.as_str()));
    assert_eq!((status.program, status.pss_bytes), (None, None));
    assert_eq!(status.sockets, 1);
    keeper.end().await;
    assert_eq!(closed(&mut receiver).await.0, 1006);
    left(&theirs, &host).await;

    let capture = capture(
        &theirs.options(),
        &CaptureRequest::open(server.websocket("/")),
    )
    .await
    .expect("a capture");
    assert!(capture.opened().is_some(), "{capture:?}");
    assert!(!capture.net_log_read, "that browser's log is not ours");
    left(&theirs, &host).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_nothing_in_their_browser() {
    let theirs = Theirs::start("attach-killed").await;
    let mut holder = start_holder(&theirs.address);
    holder.kill().expect("killed");
    holder.wait().expect("dead");
    left(&theirs, "towpath-stand-in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_their_browser_ends_the_sockets_are_told_and_the_address_is_named() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let theirs = Theirs::start("attach-ended").await;
    let address = theirs.address.clone();
    let keeper = theirs.keeper();
    let socket = keeper.open(request(&server)).await.expect("a socket");
    let (_sender, mut receiver) = socket.split();
    drop(theirs);
    let (code, lost) = closed(&mut receiver).await;
    assert_eq!(code, 1006, "{lost}");
    match keeper.open(request(&server)).await {
        Err(OpenError::Browser(error @ BrowserError::Attach { .. })) => {
            assert!(error.to_string().contains(&address), "{error}");
        }
        other => panic!("{:?}", other.err()),
    }
}
