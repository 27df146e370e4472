//! Backends for tests: a plain WebSocket server that does what its path says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use towpath_websocket::{
    CloseCode, Connection, Event, FrameHeader, Limits, MessageKind, Role, accept_key, encode_close,
    encode_frame,
};

/// A backend that runs until it is dropped.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

/// What the backend saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Handshakes.
    pub(crate) opened: AtomicUsize,
    /// Connections that ended.
    pub(crate) ended: AtomicUsize,
    /// Heads of the handshakes.
    pub(crate) heads: std::sync::Mutex<Vec<String>>,
    /// Close codes, 1005 for none and 1006 for an end without.
    pub(crate) closes: std::sync::Mutex<Vec<u16>>,
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Backend {
    /// `/echo` echoes; `/vanish` ends at the first message; `/close` closes with 4321 at the first message;
    /// `/refuse` answers 403; `/ping` pings and echoes; `/flood` sends without end; `/deaf` never reads;
    /// `/hang` never answers; `/bad` sends a reserved opcode behind one message.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let seen = Arc::clone(&seen);
                    tokio::spawn(async move {
                        let _ = serve(stream, &seen).await;
                        seen.ended.fetch_add(1, Ordering::SeqCst);
                    });
                }
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }
}

async fn serve(mut stream: TcpStream, seen: &Seen) -> std::io::Result<()> {
    let head = read_head(&mut stream).await?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let place = path.split('?').next().unwrap_or_default().to_owned();
    seen.heads.lock().unwrap().push(head.clone());
    if place == "/hang" {
        let mut byte = [0];
        let _ = stream.read(&mut byte).await;
        return Ok(());
    }
    if place == "/refuse" {
        let answer = "HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Length: 4\r\n\r\nnope";
        return stream.write_all(answer.as_bytes()).await;
    }
    let key = field(&head, "sec-websocket-key").unwrap_or_default();
    let protocol = field(&head, "sec-websocket-protocol")
        .and_then(|all| all.split(',').next().map(|one| one.trim().to_owned()));
    let protocol = protocol.map_or_else(String::new, |one| {
        format!("Sec-WebSocket-Protocol: {one}\r\n")
    });
    let accept = accept_key(&key);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
    );
    stream.write_all(answer.as_bytes()).await?;
    seen.opened.fetch_add(1, Ordering::SeqCst);
    match &*place {
        "/flood" => flood(stream).await,
        "/deaf" => std::future::pending().await,
        _ => converse(stream, &place, seen).await,
    }
}

async fn converse(mut stream: TcpStream, place: &str, seen: &Seen) -> std::io::Result<()> {
    let limits = Limits {
        message_bytes_max: 1 << 30,
        ..Limits::default()
    };
    let mut connection = Connection::new(Role::Server, limits, None);
    let mut out = Vec::new();
    if place == "/ping" {
        encode_frame(&FrameHeader::ping(2), b"hi", &mut out);
        stream.write_all(&out).await?;
    }
    let mut buffer = vec![0; 65_536];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            seen.closes.lock().unwrap().push(1006);
            return Ok(());
        }
        for event in connection.feed(&buffer[..read]) {
            out.clear();
            match event {
                Event::Message { message, .. } => {
                    let header = match message.kind {
                        MessageKind::Text => FrameHeader::text(message.payload.len()),
                        MessageKind::Binary => FrameHeader::binary(message.payload.len()),
                    };
                    match place {
                        "/vanish" => return Ok(()),
                        "/close" => {
                            let payload = encode_close(CloseCode(4321), "enough".as_bytes());
                            encode_frame(&FrameHeader::close(payload.len()), &payload, &mut out);
                        }
                        "/bad" => {
                            encode_frame(&header, &message.payload, &mut out);
                            out.extend([0x8b, 0]);
                        }
                        _ => encode_frame(&header, &message.payload, &mut out),
                    }
                }
                Event::Pong(payload) => {
                    encode_frame(&FrameHeader::text(4 + payload.len()), b"", &mut out);
                    out.extend(b"pong");
                    out.extend(payload);
                }
                Event::Close { code, .. } => {
                    seen.closes
                        .lock()
                        .unwrap()
                        .push(code.map_or(1005, |code| code.0));
                    let payload = code.map_or_else(Vec::new, |code| encode_close(code, b"heard"));
                    encode_frame(&FrameHeader::close(payload.len()), &payload, &mut out);
                    stream.write_all(&out).await?;
                    return Ok(());
                }
                Event::Deviation { deviation, .. } => {
                    panic!("the gateway broke a rule: {deviation}")
                }
                Event::Ping(_) | Event::OverLimit { .. } => {}
            }
            stream.write_all(&out).await?;
        }
    }
}

/// One message of a gibibyte after the other.
async fn flood(mut stream: TcpStream) -> std::io::Result<()> {
    let chunk = vec![7; 1 << 16];
    loop {
        let mut header = Vec::new();
        FrameHeader::binary(1 << 30).encode(&mut header);
        stream.write_all(&header).await?;
        for _ in 0..(1 << 14) {
            stream.write_all(&chunk).await?;
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The value of a header field in a head.
pub(crate) fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
