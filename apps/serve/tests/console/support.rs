//! A gateway with a console, and requests written byte by byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use towpath_serve::config::ConsoleToken;
use towpath_serve::{Running, Settings, start};

/// Long enough for a busy machine; only a failing test waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The token of every test.
pub(crate) const TOKEN: &str = "the-token-of-these-tests";

/// An answer, complete.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header, by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("an answer of the API is JSON")
    }
}

/// Settings of a gateway with a console on a free port.
pub(crate) fn settings() -> Settings {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut settings = Settings::default();
    settings.listen = vec![any];
    settings.upstream.url = "ws://127.0.0.1:9".parse().unwrap();
    settings.console.listen = Some(any);
    settings.console.token = Some(ConsoleToken::new(TOKEN));
    settings
}

/// A gateway that runs, and where its console is.
pub(crate) async fn console() -> (Running, SocketAddr) {
    let running = start(settings()).await.unwrap();
    let address = running.console_address().unwrap();
    (running, address)
}

/// One request with these header lines and this body, on a connection of its own.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let host = if headers.to_lowercase().contains("host:") {
        String::new()
    } else {
        format!("Host: {address}\r\n")
    };
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    read.expect("an answer in time").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    Answer {
        status,
        head: head.to_owned(),
        body: if chunked {
            joined(body)
        } else {
            body.to_owned()
        },
    }
}

/// A body in chunks as one.
fn joined(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    whole
}

/// A `GET` of somebody who may.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &bearer(TOKEN), "").await
}

/// The header line that shows a token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A login with this token.
pub(crate) async fn log_in(address: SocketAddr, token: &str) -> Answer {
    let body = format!("{{\"token\":\"{token}\"}}");
    ask(
        address,
        "POST",
        "/login",
        "Content-Type: application/json\r\n",
        &body,
    )
    .await
}

/// The header line with the cookie of a login.
pub(crate) fn cookie(login: &Answer) -> String {
    let set = login.header("set-cookie").expect("a login gives a cookie");
    format!("Cookie: {}\r\n", set.split(';').next().unwrap())
}

/// Opens every WebSocket and says nothing.
pub(crate) async fn backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let key = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("sec-websocket-key")
                        .then_some(value)
                });
                let accept = towpath_websocket::accept_key(key.unwrap());
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
                drop(stream.read_to_end(&mut Vec::new()).await);
            });
        }
    });
    address
}
