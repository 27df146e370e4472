//! A receiver of requests for tests: it keeps what it gets, and answers as it is told.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// One request.
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut same = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value)
    }
}

/// A running receiver.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    seen: mpsc::UnboundedReceiver<Seen>,
}

impl Receiver {
    /// Answers one request after the other with these statuses and bodies, each on a connection of its own.
    pub(crate) async fn start(answers: Vec<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (keep, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await.unwrap();
                let _ = keep.send(request);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { port, seen }
    }

    /// The next request that came.
    pub(crate) async fn next(&mut self) -> Seen {
        self.seen.recv().await.unwrap()
    }
}

/// Reads one request, body and all; none where the connection ends before.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut all = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok()?;
        if read == 0 {
            return None;
        }
        all.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&all).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            let (line, head) = head.split_once("\r\n").unwrap_or((head, ""));
            return Some(Seen {
                line: line.to_owned(),
                head: head.to_owned(),
                body: body.to_owned(),
            });
        }
    }
}
