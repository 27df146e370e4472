//! An endpoint for tests, and clients that write their handshakes by hand.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use towpath_dial::{Event, Running, Settings, start};
use towpath_reach::{Reach, Via};
use url::Url;

/// An endpoint that runs.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) running: Running,
    pub(crate) events: mpsc::Receiver<Event>,
}

impl Endpoint {
    /// For this remote, by the direct way; `change` the rest.
    pub(crate) fn start(url: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(Url::parse(url).unwrap());
        change(&mut settings);
        let mut way = towpath_reach::Settings::default();
        way.via = Via::Direct;
        let (running, events) = start(settings, Reach::new(way)).unwrap();
        Self {
            address: running.address(),
            running,
            events,
        }
    }

    /// The next event, which has to come soon.
    pub(crate) async fn event(&mut self) -> Event {
        let event = timeout(PATIENCE, self.events.recv()).await;
        event.expect("it comes soon").expect("the endpoint runs")
    }

    /// A connection on which this was written.
    pub(crate) async fn say(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer to these bytes.
    pub(crate) async fn answer(&self, bytes: &str) -> String {
        let mut stream = self.say(bytes).await;
        let mut answer = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
        read.expect("it comes soon").unwrap();
        answer
    }

    /// The status of the answer to a handshake for this target with these header lines.
    pub(crate) async fn status(&self, target: &str, more: &str) -> u16 {
        let answer = self.answer(&handshake(target, more)).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        status.parse().unwrap_or_else(|_| panic!("{answer:?}"))
    }
}

/// A handshake with `Host: localhost` and these header lines.
pub(crate) fn handshake(target: &str, more: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{SOCKET}{more}\r\n")
}

/// The header lines of every handshake. The key's accept is [`ACCEPT`].
pub(crate) const SOCKET: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// RFC 6455 section 1.3.
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// For everything that has to happen soon, on a machine with much to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
