//! Where pages dial back to: one WebSocket listener on loopback for all of them.
//!
//! Any program and any web page of this machine can reach it, so a link proves itself: by the `Origin` of a page that
//! is expected and by a token that only its script was given, in the first message. Whoever does not, in time, is
//! closed without a word. What a link carries is for `line`.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use towpath_transport::socket::Socket;
use towpath_websocket::handshake::{RequestHead, check_request, response_headers};
use towpath_websocket::{Piece, Role};

/// A link that proved which page it belongs to.
pub(crate) type Link = Socket<TcpStream>;

/// The listener. Dropping it ends it; links that are open stay.
#[derive(Debug)]
pub(crate) struct LinkServer {
    port: u16,
    expected: Arc<Expected>,
    task: AbortHandle,
}

/// The right to one link.
#[derive(Debug)]
pub(crate) struct Invitation {
    /// What the page sends first.
    pub(crate) token: [u8; TOKEN_BYTES],
    pub(crate) link: oneshot::Receiver<Link>,
}

#[derive(Debug, Default)]
struct Expected {
    pages: Mutex<Vec<ExpectedPage>>,
}

#[derive(Debug)]
struct ExpectedPage {
    origin: String,
    token: [u8; TOKEN_BYTES],
    hand_over: oneshot::Sender<Link>,
}

impl LinkServer {
    /// Listens on a port of the system's choice. Needs a tokio runtime.
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let expected = Arc::new(Expected::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&expected)));
        Ok(Self {
            port,
            expected,
            task: task.abort_handle(),
        })
    }

    /// One that nobody reaches.
    #[cfg(test)]
    pub(super) async fn deaf() -> Self {
        let server = Self::start().await.expect("port");
        server.task.abort();
        while !server.task.is_finished() {
            tokio::task::yield_now().await;
        }
        server
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Expects one link from a page of this origin, until the invitation is dropped.
    pub(crate) fn invite(&self, origin: &str) -> Invitation {
        let mut token = [0; TOKEN_BYTES];
        getrandom::fill(&mut token).expect("the system has random bytes");
        let (hand_over, link) = oneshot::channel();
        let mut pages = self.expected.lock();
        pages.retain(|page| !page.hand_over.is_closed());
        pages.push(ExpectedPage {
            origin: origin.to_owned(),
            token,
            hand_over,
        });
        Invitation { token, link }
    }
}

impl Drop for LinkServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Expected {
    fn lock(&self) -> MutexGuard<'_, Vec<ExpectedPage>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_origin(&self, origin: &str) -> bool {
        self.lock()
            .iter()
            .any(|page| page.origin == origin && !page.hand_over.is_closed())
    }

    fn take(&self, origin: &str, token: &[u8]) -> Option<oneshot::Sender<Link>> {
        let mut pages = self.lock();
        let found = pages
            .iter()
            .position(|page| page.origin == origin && equal_in_constant_time(&page.token, token));
        found.map(|index| pages.swap_remove(index).hand_over)
    }
}

async fn accept(listener: TcpListener, expected: Arc<Expected>) {
    let strangers = Arc::new(Semaphore::new(UNPROVEN_LINKS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&strangers).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, mostly: others will be given back.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let expected = Arc::clone(&expected);
        tokio::spawn(async move {
            let _permit = permit;
            // The page is told by the close of its link, and whoever waits for the link by a limit of its own.
            let _ = timeout(PROOF_TIMEOUT, admit(stream, &expected)).await;
        });
    }
}

/// The opening handshake and the proof. `None` closes the connection.
async fn admit(mut stream: TcpStream, expected: &Expected) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let (headers, mut rest) = read_request(&mut stream).await?;
    let request = RequestHead {
        method: "GET",
        http_version: (1, 1),
        headers: &headers,
    };
    let header = |name: &str| {
        let mut found = headers
            .iter()
            .filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    };
    let origin = header("origin")?.to_owned();
    if !check_request(&request).may_be_accepted() || !expected.has_origin(&origin) {
        let _ = stream.write_all(REFUSAL).await;
        return None;
    }
    let mut answer = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
    for (name, value) in response_headers(header("sec-websocket-key")?, None, None) {
        answer.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    answer.extend_from_slice(b"\r\n");
    stream.write_all(&answer).await.ok()?;
    let mut link = Socket::new(stream, Role::Server, LINK_MESSAGE_BYTES_MAX);
    let token = read_token(&mut link, &mut rest).await?;
    // Dropping the link where nobody waits any more closes it.
    expected.take(&origin, &token)?.send(link).ok()
}

/// The request's headers and what came behind them.
async fn read_request(stream: &mut TcpStream) -> Option<(Vec<(String, String)>, Vec<u8>)> {
    let mut head = Vec::with_capacity(HEAD_BYTES_MAX);
    loop {
        let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut room);
        if let httparse::Status::Complete(end) = request.parse(&head).ok()? {
            if request.method != Some("GET") || request.path != Some("/") {
                return None;
            }
            let headers = request.headers.iter().map(|header| {
                let value = String::from_utf8_lossy(header.value).into_owned();
                (header.name.to_owned(), value)
            });
            let headers = headers.collect();
            return Some((headers, head.split_off(end)));
        }
        if head.len() >= HEAD_BYTES_MAX || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
}

/// The first message, if it is as long as a token.
async fn read_token(link: &mut Link, rest: &mut [u8]) -> Option<Vec<u8>> {
    let mut token = Vec::new();
    let mut whole = false;
    let mut take = |piece: Piece<'_>| {
        if let Piece::Data { payload, last, .. } = piece {
            // A page says nothing more before it is let in.
            if !whole && token.len() + payload.len() <= TOKEN_BYTES {
                token.extend_from_slice(payload);
            }
            whole |= last;
        }
        whole
    };
    let mut done = false;
    link.feed(rest, |piece| done = take(piece)).ok()?;
    let mut scratch = [0; 256];
    while !done {
        let poll = |cx: &mut std::task::Context<'_>| -> Poll<_> {
            link.poll_pieces(cx, &mut scratch, |piece| done = take(piece))
        };
        if std::future::poll_fn(poll).await.ok()? == 0 {
            return None;
        }
    }
    (token.len() == TOKEN_BYTES).then_some(token)
}

/// Takes as long whichever byte differs, so that nobody can find a token byte by byte.
fn equal_in_constant_time(expected: &[u8; TOKEN_BYTES], given: &[u8]) -> bool {
    if given.len() != TOKEN_BYTES {
        return false;
    }
    let difference = expected
        .iter()
        .zip(given)
        .fold(0, |difference, (a, b)| difference | (a ^ b));
    std::hint::black_box(difference) == 0
}

/// Guessing it would take longer than the universe has.
pub(crate) const TOKEN_BYTES: usize = 32;
/// One batch of records; a page sends a message of its socket as one.
const LINK_MESSAGE_BYTES_MAX: u64 = 320 << 20;
const UNPROVEN_LINKS_MAX: usize = 16;
const HEAD_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 48;
const PROOF_TIMEOUT: Duration = Duration::from_secs(5);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const REFUSAL: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[cfg(test)]
mod tests;
