//! A page's requests by hand: a run, requests of it, and its WebSocket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_lab::{NetworkOptions, RunningNetwork, Settings, start_network};
use towpath_tests::boxes::{Running, gateway};
use towpath_websocket::{Connection, Event, Limits, Role};

/// A gateway, a network before it, and a run that began through that network.
pub(crate) struct Place {
    address: SocketAddr,
    attempt: String,
    _network: RunningNetwork,
    _gateway: Running,
}

impl Place {
    /// Behind the network of this name, with these figures in place of its own.
    pub(crate) async fn behind(name: &str, settings: Settings) -> Self {
        let gateway = gateway::start(9);
        let options = NetworkOptions {
            upstream: Some(format!("127.0.0.1:{}", gateway.port)),
            settings,
            ..NetworkOptions::default()
        };
        let network = start_network(name, options).await.unwrap();
        let address = network.address();
        let begun = post(address, "probe/begin", "{}").await;
        assert_eq!(begun.status, 200, "{begun:?}");
        let run: Value = serde_json::from_str(&begun.body).unwrap();
        Self {
            address,
            attempt: run["attempt"].as_str().unwrap().to_owned(),
            _network: network,
            _gateway: gateway,
        }
    }

    /// A GET of a probe.
    pub(crate) async fn get(&self, probe: &str) -> Answer {
        let target = format!("probe/{}", self.with_attempt(probe));
        ask(self.address, "GET", &target, "").await
    }

    /// A body of so many bytes.
    pub(crate) async fn post(&self, bytes: usize) -> Answer {
        let target = format!("probe/{}", self.with_attempt("post"));
        post(self.address, &target, &"x".repeat(bytes)).await
    }

    /// What a page knows of an opening: the socket, or the status that came instead of 101 (0 where none did).
    pub(crate) async fn open(&self, mode: &str) -> Result<Socket, u16> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let target = self.with_attempt(&format!("websocket?mode={mode}"));
        let more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: towpath-probe.1\r\n";
        let head = head(self.address, "GET", &format!("probe/{target}"), more);
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let whole = async {
            while !answer.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => answer.push(byte),
                    Err(_) => return,
                }
            }
        };
        // A page gives a handshake up, too.
        drop(timeout(SILENCE, whole).await);
        let status = answer.get(9..12).map(<[u8]>::to_vec);
        let status = status.and_then(|status| String::from_utf8(status).ok()?.parse().ok());
        match status.unwrap_or(0) {
            101 => Ok(Socket {
                stream,
                connection: Connection::new(Role::Client, Limits::default(), None),
            }),
            other => Err(other),
        }
    }

    fn with_attempt(&self, probe: &str) -> String {
        let sign = if probe.contains('?') { '&' } else { '?' };
        format!("{probe}{sign}attempt={}", self.attempt)
    }
}

/// An answer, with when each read of its body came, in milliseconds since the request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) reads: Vec<u128>,
    /// Whether it ended in order.
    pub(crate) is_whole: bool,
}

/// A POST as of a page.
async fn post(address: SocketAddr, target: &str, body: &str) -> Answer {
    let more = format!(
        "Connection: close\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n",
        body.len()
    );
    send(address, head(address, "POST", target, &more) + body).await
}

async fn ask(address: SocketAddr, method: &str, target: &str, more: &str) -> Answer {
    let more = format!("Connection: close\r\n{more}");
    send(address, head(address, method, target, &more)).await
}

fn head(address: SocketAddr, method: &str, target: &str, more: &str) -> String {
    format!(
        "{method} /.towpath/{target} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n{more}\r\n"
    )
}

async fn send(address: SocketAddr, request: String) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    // A network that refuses a body may answer and close before it has come.
    // What it gives back is kept till the end: a browser does not half-close.
    let _written = tokio::spawn(async move {
        let wrote = to.write_all(request.as_bytes()).await;
        wrote.map(|()| to)
    });
    let began = Instant::now();
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 65_536]);
    let mut answer = Answer {
        status: 0,
        body: String::new(),
        reads: Vec::new(),
        is_whole: false,
    };
    loop {
        let read = timeout(PATIENCE, from.read(&mut buffer)).await;
        match read.expect("an answer or an end comes in time") {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                bytes.extend_from_slice(&buffer[..count]);
                answer.reads.push(began.elapsed().as_millis());
            }
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return answer;
    };
    answer.status = head[9..12].parse().unwrap();
    let is_chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    answer.is_whole = !is_chunked || body.ends_with("0\r\n\r\n");
    answer.body = if is_chunked {
        unchunked(body)
    } else {
        body.to_owned()
    };
    answer
}

/// As far as it came.
fn unchunked(mut text: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        let have = size.min(rest.len());
        body.push_str(&rest[..have]);
        text = rest.get(size + 2..).unwrap_or_default();
    }
    body
}

/// A WebSocket that opened.
pub(crate) struct Socket {
    stream: TcpStream,
    connection: Connection,
}

/// What a page hears.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    /// It ended without a close frame, which a page sees as 1006.
    Cut,
    Nothing,
}

impl Socket {
    pub(crate) async fn say(&mut self, text: &str) {
        let mut out = Vec::new();
        self.connection
            .send_text(text, || [1, 2, 3, 4], &mut out)
            .unwrap();
        // Whether it was cut is heard.
        self.stream.write_all(&out).await.ok();
    }

    /// The next message within a moment, or what came instead.
    pub(crate) async fn hear(&mut self) -> Heard {
        let mut buffer = vec![0; 65_536];
        let heard = async {
            loop {
                let bytes = match self.stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => return Heard::Cut,
                    Ok(bytes) => bytes,
                };
                for event in self.connection.feed(&buffer[..bytes]) {
                    if let Event::Message { message, .. } = event {
                        return Heard::Text(message.as_text().unwrap().to_owned());
                    }
                }
            }
        };
        timeout(SILENCE, heard).await.unwrap_or(Heard::Nothing)
    }
}

/// How long nothing may come before it counts as silence. Only what is silent waits for so long.
const SILENCE: Duration = Duration::from_secs(2);

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
