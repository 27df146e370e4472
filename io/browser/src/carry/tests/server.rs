//! A WebSocket server for these tests: what it does is said by the path.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use towpath_websocket::handshake::response_headers;
use towpath_websocket::{CloseCode, Connection, Event, Limits, MessageKind, Role};

pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) seen: Arc<Seen>,
}

#[derive(Default)]
pub(super) struct Seen {
    /// Every request head.
    pub(super) heads: Mutex<Vec<String>>,
    /// Close frames that came: code and reason.
    pub(super) closes: Mutex<Vec<(Option<u16>, String)>>,
    /// Connections whose stream ended.
    pub(super) ended: AtomicUsize,
    /// Bytes written to sockets of `/flood`.
    pub(super) flooded: AtomicUsize,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = listener.local_addr().expect("address");
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&shared);
                tokio::spawn(async move {
                    serve(stream, &seen).await;
                    seen.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, seen }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    pub(super) fn handshakes(&self) -> Vec<String> {
        let heads = self.seen.heads.lock().expect("heads");
        let is_handshake = |head: &&String| header(head, "upgrade").is_some();
        heads.iter().filter(is_handshake).cloned().collect()
    }
}

pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (candidate, value) = line.split_once(": ")?;
        candidate.eq_ignore_ascii_case(name).then_some(value)
    })
}

async fn serve(mut stream: TcpStream, seen: &Seen) -> Option<()> {
    let head = read_head(&mut stream).await?;
    seen.heads.lock().expect("heads").push(head.clone());
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let Some(key) = header(&head, "sec-websocket-key") else {
        let page =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: pass=yes; Path=/\r\n\
            Content-Length: 18\r\nConnection: close\r\n\r\n<title>site</title>";
        stream.write_all(&page[..page.len() - 1]).await.ok()?;
        return None;
    };
    let cookie = header(&head, "cookie").unwrap_or_default();
    let status = path.strip_prefix("/refuse/").unwrap_or_default();
    if !status.is_empty() || (path == "/cookie" && !cookie.contains("pass=yes")) {
        let status = if status.is_empty() { "403" } else { status };
        let answer =
            format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.ok()?;
        return None;
    }
    if path == "/silent" {
        std::future::pending::<()>().await;
    }
    let chosen =
        header(&head, "sec-websocket-protocol").and_then(|offer| offer.rsplit(", ").next());
    let mut answer = "HTTP/1.1 101 Switching Protocols\r\nX-Shown: yes\r\n".to_owned();
    for (name, value) in response_headers(key, chosen, None) {
        answer.extend([&name, ": ", &value, "\r\n"]);
    }
    stream.write_all((answer + "\r\n").as_bytes()).await.ok()?;
    talk(stream, &path, seen).await
}

async fn talk(mut stream: TcpStream, path: &str, seen: &Seen) -> Option<()> {
    let limits = Limits {
        message_bytes_max: 64 << 20,
        ..Limits::default()
    };
    let mut connection = Connection::new(Role::Server, limits, None);
    let mut out = Vec::new();
    if let Some(code) = path.strip_prefix("/close/") {
        send(
            &mut connection,
            MessageKind::Text,
            b"before the end",
            &mut out,
        );
        let code = code.parse().ok().map(CloseCode);
        connection
            .send_close(code, "because", no_mask, &mut out)
            .expect("close");
    }
    if path == "/drop" {
        send(&mut connection, MessageKind::Text, b"last words", &mut out);
        stream.write_all(&out).await.ok()?;
        return None;
    }
    if let Some(bytes) = path.strip_prefix("/flood/") {
        return flood(stream, connection, bytes.parse().expect("bytes"), seen).await;
    }
    if path == "/deaf" {
        std::future::pending::<()>().await;
    }
    let mut scratch = vec![0; 256 * 1024];
    loop {
        stream.write_all(&out).await.ok()?;
        out.clear();
        let count = stream.read(&mut scratch).await.ok()?;
        if count == 0 {
            return None;
        }
        for event in connection.feed(&scratch[..count]) {
            match event {
                Event::Message { message, .. } => {
                    send(&mut connection, message.kind, &message.payload, &mut out);
                }
                Event::Close { code, reason } => {
                    let code = code.map(|code| code.0);
                    seen.closes
                        .lock()
                        .expect("closes")
                        .push((code, reason.clone()));
                    let _ = connection.send_close(code.map(CloseCode), &reason, no_mask, &mut out);
                    stream.write_all(&out).await.ok()?;
                    return None;
                }
                _ => {}
            }
        }
    }
}

/// Sends so many bytes in messages of 10 KB as fast as they are taken.
async fn flood(
    mut stream: TcpStream,
    mut connection: Connection,
    bytes: usize,
    seen: &Seen,
) -> Option<()> {
    let payload = vec![7; 10_000];
    for _ in 0..bytes / payload.len() {
        let mut out = Vec::new();
        send(&mut connection, MessageKind::Binary, &payload, &mut out);
        stream.write_all(&out).await.ok()?;
        seen.flooded.fetch_add(payload.len(), Ordering::SeqCst);
    }
    let mut out = Vec::new();
    connection
        .send_close(Some(CloseCode(1000)), "all", no_mask, &mut out)
        .expect("close");
    stream.write_all(&out).await.ok()?;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok().map(drop)
}

fn send(connection: &mut Connection, kind: MessageKind, payload: &[u8], out: &mut Vec<u8>) {
    connection
        .send(kind, payload, None, no_mask, out)
        .expect("it is open");
}

fn no_mask() -> [u8; 4] {
    unreachable!("servers do not mask")
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
