//! A WebSocket backend that knows nothing of sessions. What it does is in the path that it is asked for.
//!
//! `/talk?first=N&every=MS` sends N numbered messages and echoes meanwhile; without parameters it is an echo.
//! `/close?code=C&reason=R` answers the first message by closing, `/vanish` by ending the connection without a word.
//! `/refuse?status=S` never opens. `/mute` opens and reads nothing. `/flood?bytes=N&count=M` sends M messages of that size.
//! `/head` tells the request that it saw. It must never send a message twice, since tests count.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use towpath_websocket::handshake::response_headers;
use towpath_websocket::{CloseCode, Connection, Event, Limits, MessageKind, Role};

/// A running backend. Dropping it ends its connections.
pub(crate) struct Backend {
    address: SocketAddr,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

/// What the backend saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Close frames of its clients.
    pub(crate) closes: Mutex<Vec<(Option<u16>, String)>>,
    /// Requests, targets only.
    pub(crate) targets: Mutex<Vec<String>>,
    /// Connections that ended without a close frame.
    pub(crate) vanished: Mutex<usize>,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        let seen_too = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                connections.spawn(serve(stream, Arc::clone(&seen_too)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            seen,
            _tasks: tasks,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }
}

struct Request {
    path: String,
    query: HashMap<String, String>,
    headers: Vec<(String, String)>,
    text: String,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let found = all.find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> u64 {
        self.query
            .get(name)
            .map_or(0, |value| value.parse().unwrap())
    }
}

/// Whatever ends a connection is for the other side to notice.
async fn serve(mut stream: TcpStream, seen: Arc<Seen>) {
    let _ = talk(&mut stream, &seen).await;
}

async fn talk(stream: &mut TcpStream, seen: &Seen) -> io::Result<()> {
    let Some(request) = read_head(stream).await? else {
        return Ok(());
    };
    let target = request
        .text
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    seen.targets.lock().unwrap().push(target);
    if request.path == "/refuse" {
        let status = request.number("status");
        let answer = format!(
            "HTTP/1.1 {status} No\r\nX-Why: because\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot today"
        );
        return stream.write_all(answer.as_bytes()).await;
    }
    let Some(key) = request.header("sec-websocket-key") else {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        return stream.write_all(answer.as_bytes()).await;
    };
    let offered = request.header("sec-websocket-protocol");
    // The last one, so that a gateway that answers by itself is found out.
    let chosen = offered
        .and_then(|all| all.split(',').next_back())
        .map(str::trim);
    let mut answer = "HTTP/1.1 101 Switching Protocols\r\n".to_owned();
    for (name, value) in response_headers(key, chosen, None) {
        let _ = write!(answer, "{name}: {value}\r\n");
    }
    answer.push_str("\r\n");
    stream.write_all(answer.as_bytes()).await?;
    let limits = Limits {
        message_bytes_max: 128 << 20,
        ..Limits::default()
    };
    let mut socket = Socket {
        connection: Connection::new(Role::Server, limits, None),
        request,
    };
    if !socket.run(stream, seen).await? {
        *seen.vanished.lock().unwrap() += 1;
    }
    Ok(())
}

async fn read_head(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let headers = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Ok(Some(Request {
        path: path.to_owned(),
        query,
        headers,
        text: text.clone(),
    }))
}

struct Socket {
    connection: Connection,
    request: Request,
}

impl Socket {
    /// Whether the client closed.
    async fn run(&mut self, stream: &mut TcpStream, seen: &Seen) -> io::Result<bool> {
        let mut out = Vec::new();
        match self.request.path.as_str() {
            "/mute" => {
                sleep(Duration::from_mins(10)).await;
                return Ok(true);
            }
            "/flood" => {
                let bytes = usize::try_from(self.request.number("bytes")).unwrap();
                let payload = pattern(bytes);
                for _ in 0..self.request.number("count") {
                    let _ = self.connection.send_binary(&payload, || [0; 4], &mut out);
                    stream.write_all(&out).await?;
                    out.clear();
                }
            }
            "/head" => {
                let text = self.request.text.clone();
                let _ = self.connection.send_text(&text, || [0; 4], &mut out);
            }
            _ => {}
        }
        stream.write_all(&out).await?;
        let (first, every) = (self.request.number("first"), self.request.number("every"));
        let (mut reader, mut writer) = stream.split();
        let mut numbers = 0;
        let mut buffer = vec![0; 65_536];
        loop {
            let mut out = Vec::new();
            tokio::select! {
                read = reader.read(&mut buffer) => {
                    let read = read?;
                    if read == 0 {
                        return Ok(false);
                    }
                    for event in self.connection.feed(&buffer[..read]) {
                        if let Some(closed) = self.answer(event, &mut out, seen) {
                            writer.write_all(&out).await?;
                            return Ok(closed);
                        }
                    }
                }
                () = sleep(Duration::from_millis(every)), if numbers < first => {
                    numbers += 1;
                    let text = format!("server {numbers}");
                    let _ = self.connection.send_text(&text, || [0; 4], &mut out);
                }
            }
            writer.write_all(&out).await?;
        }
    }

    /// Whether that was the end, and whether the client began it.
    fn answer(&mut self, event: Event, out: &mut Vec<u8>, seen: &Seen) -> Option<bool> {
        let mask = || [0; 4];
        match event {
            Event::Message { message, .. } => {
                match self.request.path.as_str() {
                    "/close" => {
                        let code = u16::try_from(self.request.number("code")).unwrap();
                        let code = (code > 0).then_some(CloseCode(code));
                        let reason = self
                            .request
                            .query
                            .get("reason")
                            .cloned()
                            .unwrap_or_default();
                        let _ = self.connection.send_close(code, &reason, mask, out);
                    }
                    "/vanish" => return Some(true),
                    _ => {
                        let _ = match message.kind {
                            MessageKind::Text => {
                                let text = String::from_utf8(message.payload).unwrap();
                                self.connection.send_text(&text, mask, out)
                            }
                            MessageKind::Binary => {
                                self.connection.send_binary(&message.payload, mask, out)
                            }
                        };
                    }
                }
                None
            }
            Event::Ping(payload) => {
                let _ = self.connection.send_pong(&payload, mask, out);
                None
            }
            Event::Close { code, reason } => {
                let seen_code = code.map(|code| code.0);
                seen.closes.lock().unwrap().push((seen_code, reason));
                let _ = self.connection.send_close(code, "", mask, out);
                Some(true)
            }
            Event::Pong(_) | Event::Deviation { .. } | Event::OverLimit { .. } => None,
        }
    }
}

/// Bytes of which each tells its place.
pub(crate) fn pattern(bytes: usize) -> Vec<u8> {
    (0..=250).cycle().take(bytes).collect()
}
