//! A gateway that keeps reports in a file, and a page that sends them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use towpath_reports::{Bounds, Case, Store};
use towpath_serve::{Running, Settings, start};
use towpath_session::Envelope;
use towpath_session::body::Attached;

use crate::backend::Backend;
use crate::raw::{PATIENCE, attach, attached, encode, fresh, post_as};

/// A gateway under test, with what it keeps.
pub(crate) struct World {
    _backend: Backend,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) file: PathBuf,
    _running: Running,
    _folder: TempDir,
}

/// An answer to a report.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The code without its dash.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().replace('-', "")
    }
}

impl World {
    pub(crate) async fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let backend = Backend::start().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reports.sqlite");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut settings = Settings::default();
        settings.listen = vec![any];
        settings.upstream.url = format!("ws://{}", backend.address).parse().unwrap();
        settings.metrics.listen = Some(any);
        settings.reports.file = Some(file.clone());
        settings.reports.per_minute = 1_000_000;
        change(&mut settings);
        let running = start(settings).await.unwrap();
        Self {
            _backend: backend,
            address: running.addresses()[0],
            metrics: running.metrics_address().unwrap(),
            file,
            _running: running,
            _folder: folder,
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a report as a page of the gateway's own host.
    pub(crate) async fn report(&self, report: &Value) -> Answer {
        self.send(report.to_string().as_bytes()).await
    }

    pub(crate) async fn send(&self, body: &[u8]) -> Answer {
        let origin = format!("Origin: {}\r\n", self.origin());
        self.ask("POST", "/echo/.towpath/report", &origin, body)
            .await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
        ask(self.address, method, path, more, body).await
    }

    /// A session over `poll`, with the attempt id of its page.
    pub(crate) async fn session(&self, nonce: u8, attempt: &str) -> Attached {
        let mut body = attach(fresh(nonce), 1, true);
        body.attempt = Some(attempt.to_owned());
        let body = encode(&[Envelope::Attach(&body.json())]);
        let answer = post_as(self.address, "/echo/.towpath/poll", &self.origin(), &body).await;
        attached(&answer.envelopes)
    }

    /// The case under a code, as another process reads it.
    pub(crate) fn case(&self, code: &str) -> Option<Case> {
        self.store().case(code).unwrap()
    }

    pub(crate) fn store(&self) -> Store {
        let bounds = Bounds {
            days: 30,
            megabytes: 64,
        };
        Store::open(&self.file, bounds).unwrap()
    }

    /// The value of a metric, once it is at least so much.
    pub(crate) async fn metric(&self, line: &str, least: u64) -> u64 {
        let wait = async {
            loop {
                let text = ask(self.metrics, "GET", "/metrics", "", b"").await.body;
                let mut values = text.lines().filter_map(|one| one.strip_prefix(line));
                let value = values.next().and_then(|value| value.trim().parse().ok());
                if let Some(value) = value.filter(|value| *value >= least) {
                    return value;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, wait)
            .await
            .unwrap_or_else(|_| panic!("{line} stays below {least}"))
    }
}

/// One request on a connection of its own. What the gateway does not read of it is not waited for.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    more: &str,
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Refused before its end is as good as taken.
    stream.write_all(body).await.ok();
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await;
        match read.expect("an answer comes in time") {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    Answer {
        status: head[9..12].parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// What a page reports whose WebSocket failed and whose stream works.
pub(crate) fn fallen_back(session: &Value, attempt: &str) -> Value {
    json!({
        "version": 1,
        "session": session,
        "attempt": attempt,
        "now": 4_000,
        "page": { "user_agent": "Mozilla/5.0 Firefox/140.0", "origin": "https://liar.example", "online": true },
        "attempts": [
            { "at": 0, "transport": "websocket", "ended_ms": 40, "end": { "end": "failed", "code": 1006 } },
            { "at": 100, "transport": "poll", "opened_ms": 20, "proven_ms": 60, "end": { "end": "open" } },
        ],
    })
}
