//! A site with several pages and scripts, and sockets that listen.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{accept_for, is_handshake, read_head, switching};

/// One path of the site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) status: u16,
    /// Header lines beside the length, each with its line end.
    pub(crate) headers: &'static str,
    pub(crate) body: &'static str,
}

/// An ordinary page.
pub(crate) const fn page(path: &'static str, body: &'static str) -> Entry {
    Entry {
        path,
        status: 200,
        headers: "Content-Type: text/html\r\n",
        body,
    }
}

/// A script.
pub(crate) const fn script(path: &'static str, body: &'static str) -> Entry {
    Entry {
        path,
        status: 200,
        headers: "Content-Type: text/javascript\r\n",
        body,
    }
}

/// A running site.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    /// The heads of all requests, as they came.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Serves these; any other path is missing. Handshakes are accepted, but at `/refused`.
    pub(crate) async fn start(entries: &'static [Entry]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, entries, Arc::clone(&seen)));
            }
        });
        Self { address, heads }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn head_of(&self, start: &str) -> Option<String> {
        let heads = self
            .heads
            .lock()
            .expect("no test panics while it holds this");
        heads.iter().find(|head| head.starts_with(start)).cloned()
    }
}

async fn serve(
    mut stream: TcpStream,
    entries: &[Entry],
    seen: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    loop {
        let head = read_head(&mut stream).await?;
        seen.lock()
            .expect("no test panics while it holds this")
            .push(head.clone());
        if is_handshake(&head) && head.starts_with("GET /refused ") {
            let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(refusal.as_bytes()).await.ok()?;
            return None;
        }
        if is_handshake(&head) {
            let answer = switching(&accept_for(&head));
            stream.write_all(answer.as_bytes()).await.ok()?;
            let mut frames = [0; 1024];
            while matches!(stream.read(&mut frames).await, Ok(1..)) {}
            return None;
        }
        let path = head.split(' ').nth(1)?.split('?').next()?;
        let entry = entries.iter().find(|entry| entry.path == path);
        let (status, headers, body) =
            entry.map_or((404, "", "nothing"), |e| (e.status, e.headers, e.body));
        let answer = format!(
            "HTTP/1.1 {status} Some Reason\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
