//! A small server that answers handshakes as a test says and notes what it saw.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use towpath_websocket::{CloseCode, Connection, Event, Limits, MessageKind, Role, accept_key};

/// What a request is answered with.
pub(super) enum Answer {
    /// This text, then the end.
    Text(String),
    /// 101, and then an echo that answers pings.
    Echo,
    /// 101, and then not a byte.
    Mute,
    /// 101, and at once a close with this code.
    Close(u16),
    /// 101, and at once the end.
    Cut,
}

impl Answer {
    /// A status with an empty body and one header of its own.
    pub(super) fn status(status: u16) -> Self {
        Self::Text(format!(
            "HTTP/1.1 {status} No\r\nX-Own: yes\r\nContent-Length: 4\r\n\r\nno!\n"
        ))
    }
}

type Decide = dyn Fn(&str, usize) -> Answer + Send + Sync;

/// It ends when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    pings: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Server {
    /// `decide` gets the request's head and how many came before it.
    pub(super) async fn start(
        decide: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let pings = Arc::new(Mutex::new(0));
        let decide: Arc<Decide> = Arc::new(decide);
        let task = tokio::spawn({
            let (seen, pings) = (Arc::clone(&seen), Arc::clone(&pings));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (seen, pings) = (Arc::clone(&seen), Arc::clone(&pings));
                    let decide = Arc::clone(&decide);
                    tokio::spawn(async move {
                        let _ = serve(stream, &*decide, &seen, &pings).await;
                    });
                }
            }
        });
        Self {
            address,
            seen,
            pings,
            task,
        }
    }

    pub(super) fn url(&self, path: &str) -> url::Url {
        format!("ws://{}{path}", self.address).parse().unwrap()
    }

    /// The heads of all requests.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How many pings came.
    pub(super) fn pings(&self) -> usize {
        *self.pings.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The value of a header.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

async fn serve(
    mut stream: TcpStream,
    decide: &Decide,
    seen: &Mutex<Vec<String>>,
    pings: &Mutex<usize>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(head.clone());
        seen.len() - 1
    };
    let answer = decide(&head, before);
    if let Answer::Text(text) = &answer {
        return stream.write_all(text.as_bytes()).await;
    }
    let accept = accept_key(header(&head, "sec-websocket-key").unwrap_or_default());
    let protocol = header(&head, "sec-websocket-protocol").map_or(String::new(), |offered| {
        let first = offered.split(',').next().unwrap_or_default();
        format!("Sec-WebSocket-Protocol: {first}\r\n")
    });
    let switch = format!(
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
    );
    stream.write_all(switch.as_bytes()).await?;
    match answer {
        Answer::Text(_) | Answer::Cut => Ok(()),
        Answer::Mute => loop {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        },
        Answer::Close(code) => {
            let mut connection = Connection::new(Role::Server, Limits::default(), None);
            let mut out = Vec::new();
            let code = Some(CloseCode(code));
            connection
                .send_close(code, "no", || [0; 4], &mut out)
                .unwrap();
            stream.write_all(&out).await?;
            // What comes is read, so that the end is in order.
            while stream.read_buf(&mut bytes).await? > 0 {}
            Ok(())
        }
        Answer::Echo => echo(stream, pings).await,
    }
}

async fn echo(mut stream: TcpStream, pings: &Mutex<usize>) -> std::io::Result<()> {
    let mut connection = Connection::new(Role::Server, Limits::default(), None);
    loop {
        let mut bytes = Vec::with_capacity(65_536);
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let mut out = Vec::new();
        for event in connection.feed(&bytes) {
            let key = || [0; 4];
            match event {
                Event::Message { message, .. } => {
                    let kind: MessageKind = message.kind;
                    connection
                        .send(kind, &message.payload, None, key, &mut out)
                        .unwrap();
                }
                Event::Ping(payload) => {
                    *pings.lock().unwrap() += 1;
                    connection.send_pong(&payload, key, &mut out).unwrap();
                }
                Event::Close { code, reason } => {
                    connection.send_close(code, &reason, key, &mut out).unwrap();
                }
                _ => {}
            }
        }
        stream.write_all(&out).await?;
    }
}
