//! Small servers for a real browser to meet, each with a way of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1_smol::Sha1;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use towpath_browser::{BrowserOptions, BrowserProxy, find};

/// What the server does with a WebSocket handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Accepts, greets, and closes with 4000 "bye" after the client's first frame.
    GreetThenClose,
    /// Accepts, greets and stays.
    GreetThenStay,
    /// Accepts and resets the connection at the client's first frame.
    ResetAtFirstFrame,
    /// Refuses with 403, a header and a body.
    Refuse,
    /// Answers with a wrong `Sec-WebSocket-Accept`.
    WrongAccept,
    /// Closes without a word.
    Vanish,
    /// Reads and never answers.
    Silent,
    /// Answers with something that is not HTTP.
    NotHttp,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The heads of all requests, as they came.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `page` to plain requests and treats handshakes in the given manner.
    pub(crate) async fn start(manner: Manner, page: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let stream = serve(stream, manner, page, &seen).await;
                    if manner == Manner::ResetAtFirstFrame {
                        stream.set_zero_linger().expect("reset on close");
                    }
                });
            }
        });
        Self { address, heads }
    }

    pub(crate) fn websocket(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// The heads of the handshakes among the requests.
    pub(crate) fn handshakes(&self) -> Vec<String> {
        let heads = self
            .heads
            .lock()
            .expect("no test panics while it holds this");
        heads
            .iter()
            .filter(|head| is_handshake(head))
            .cloned()
            .collect()
    }

    pub(crate) fn page_requests(&self) -> usize {
        let heads = self
            .heads
            .lock()
            .expect("no test panics while it holds this");
        heads.iter().filter(|head| !is_handshake(head)).count()
    }
}

/// Answers requests on one connection and gives the stream back when it is done.
pub(crate) async fn serve<S>(
    mut stream: S,
    manner: Manner,
    page: &str,
    seen: &Mutex<Vec<String>>,
) -> S
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(head) = read_head(&mut stream).await {
        seen.lock()
            .expect("no test panics while it holds this")
            .push(head.clone());
        if is_handshake(&head) {
            treat(&mut stream, manner, &head).await;
            break;
        }
        if head.starts_with("GET /old ") {
            let redirect = "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.write_all(redirect.as_bytes()).await;
            continue;
        }
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: visit=yes; Path=/; HttpOnly\r\n\
             Content-Length: {}\r\n\r\n{page}",
            page.len()
        );
        if stream.write_all(reply.as_bytes()).await.is_err() {
            break;
        }
    }
    stream
}

async fn treat<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, manner: Manner, head: &str) {
    let mut frame = [0; 64];
    match manner {
        Manner::Refuse => {
            let refusal = "HTTP/1.1 403 Forbidden\r\nServer: gate\r\nX-Reason: origin\r\nContent-Length: 9\r\n\r\nnot today";
            let _ = stream.write_all(refusal.as_bytes()).await;
        }
        Manner::Vanish => {}
        Manner::NotHttp => drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await),
        Manner::Silent => while matches!(stream.read(&mut frame).await, Ok(1..)) {},
        Manner::WrongAccept => drop(
            stream
                .write_all(switching("bm8gc3VjaCBrZXkgYXQgYWxsIQ==").as_bytes())
                .await,
        ),
        Manner::GreetThenClose | Manner::GreetThenStay | Manner::ResetAtFirstFrame => {
            let _ = stream
                .write_all(switching(&accept_for(head)).as_bytes())
                .await;
            if manner == Manner::ResetAtFirstFrame {
                let _ = stream.read(&mut frame).await;
                return;
            }
            let _ = stream.write_all(b"\x81\x05hello").await;
            let _ = stream.write_all(b"\x82\x03\x00\x01\x02").await;
            if manner == Manner::GreetThenClose {
                let _ = stream.read(&mut frame).await;
                let _ = stream.write_all(b"\x88\x05\x0f\xa0bye").await;
                // The server ends the connection after the client's close frame (RFC 6455 section 7.1.1).
                let _ = stream.read(&mut frame).await;
                return;
            }
            while matches!(stream.read(&mut frame).await, Ok(1..)) {}
        }
    }
}

pub(crate) fn switching(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nX-Served-By: test\r\n\r\n"
    )
}

pub(crate) fn accept_for(head: &str) -> String {
    let key = header(head, "sec-websocket-key").unwrap_or_default();
    let digest = Sha1::from(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")).digest();
    STANDARD.encode(digest.bytes())
}

/// A header of a request head, by its lower-case name.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (candidate, value) = line.split_once(':')?;
        candidate.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub(crate) fn is_handshake(head: &str) -> bool {
    header(head, "upgrade").is_some()
}

pub(crate) async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// An HTTP proxy that wants a password and tunnels. Counts its tunnels.
pub(crate) async fn start_proxy(expected: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    let tunnels = Arc::new(Mutex::new(Vec::new()));
    let opened = Arc::clone(&tunnels);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(proxy_connection(client, expected, Arc::clone(&opened)));
        }
    });
    (address, tunnels)
}

async fn proxy_connection(
    mut client: TcpStream,
    expected: &str,
    opened: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    loop {
        let head = read_head(&mut client).await?;
        if header(&head, "proxy-authorization") != Some(expected) {
            let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\
                           Content-Length: 0\r\n\r\n";
            client.write_all(refusal.as_bytes()).await.ok()?;
            continue;
        }
        let words: Vec<&str> = head.split_whitespace().collect();
        let tunnel = words[0] == "CONNECT";
        let authority = words[1].trim_start_matches("http://").split('/').next()?;
        let mut server = TcpStream::connect(authority).await.ok()?;
        if tunnel {
            opened
                .lock()
                .expect("no test panics while it holds this")
                .push(authority.to_owned());
            client
                .write_all(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
                .await
                .ok()?;
        } else {
            server
                .write_all(head.replace("http://", "").as_bytes())
                .await
                .ok()?;
        }
        tokio::io::copy_bidirectional(&mut client, &mut server)
            .await
            .ok()?;
        return Some(());
    }
}

/// Options for the tests, which fail loudly without a browser. Direct, whatever the environment's proxies.
pub(crate) fn options() -> BrowserOptions {
    if let Err(error) = find() {
        panic!("these tests need a real browser: {error}");
    }
    BrowserOptions {
        proxy: BrowserProxy::Direct,
        launch_timeout: Duration::from_mins(1),
        ..BrowserOptions::default()
    }
}
