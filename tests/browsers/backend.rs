//! What stands behind the gateway: the pages under test, and a WebSocket that echoes and speaks by itself.
//!
//! It knows nothing of sessions. `?count=N&pace=MS` says how many messages it sends by itself, the first at once;
//! `?key=NAME` keeps what it hears under a name, for the test to look at.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use towpath_tests::support::browser::HARNESS;
use towpath_tests::support::http::{Reply, Request, Server};
use towpath_websocket::{FrameHeader, Opcode, Parsed, accept_key, encode_frame, mask};

/// A running backend.
#[derive(Debug)]
pub(crate) struct Backend {
    server: Server,
    kept: Kept,
}

/// Messages and, at last, the close code, by key.
type Kept = Arc<Mutex<HashMap<String, Vec<String>>>>;

impl Backend {
    pub(crate) fn start() -> Self {
        let kept = Kept::default();
        let own = Arc::clone(&kept);
        let server = Server::start(move |request| answer(request, &own));
        Self { server, kept }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What was heard under this key so far: messages, then `close CODE`.
    pub(crate) fn heard(&self, key: &str) -> Vec<String> {
        let kept = self.kept.lock().expect("no holder panics");
        kept.get(key).cloned().unwrap_or_default()
    }
}

fn answer(request: &Request, kept: &Kept) -> Reply {
    if request.header("upgrade").eq_ignore_ascii_case("websocket") {
        let (plan, kept) = (Plan::of(request), Arc::clone(kept));
        return Reply::Taken(Box::new(move |stream| {
            // A peer that goes away in the middle is everyday life.
            serve(stream, &plan, &kept).ok();
        }));
    }
    match FILES.iter().find(|(path, ..)| *path == request.path()) {
        Some((_, content_type, text)) => Reply::text(content_type, text),
        None => Reply::status(404),
    }
}

/// What one WebSocket was asked for.
#[derive(Debug)]
struct Plan {
    key: String,
    subprotocol: Option<String>,
    keep_as: Option<String>,
    count: u64,
    pace: Duration,
}

impl Plan {
    fn of(request: &Request) -> Self {
        let asked = |name: &str| {
            let (_, query) = request.target.split_once('?')?;
            let value = query.split('&').find_map(|part| part.strip_prefix(name))?;
            value.strip_prefix('=')
        };
        let number = |name: &str| asked(name)?.parse().ok();
        let offered = request.header("sec-websocket-protocol");
        let first = offered.split(',').next().unwrap_or_default().trim();
        Self {
            key: request.header("sec-websocket-key").to_owned(),
            subprotocol: (!first.is_empty()).then(|| first.to_owned()),
            keep_as: asked("key").map(str::to_owned),
            count: number("count").unwrap_or(0),
            pace: Duration::from_millis(number("pace").unwrap_or(0)),
        }
    }
}

fn serve(mut stream: TcpStream, plan: &Plan, kept: &Kept) -> io::Result<()> {
    let subprotocol = plan
        .subprotocol
        .as_ref()
        .map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{subprotocol}\r\n",
        accept_key(&plan.key)
    );
    stream.write_all(head.as_bytes())?;
    let out = Arc::new(Mutex::new(stream.try_clone()?));
    let own = Arc::clone(&out);
    let (count, pace) = (plan.count, plan.pace);
    thread::spawn(move || {
        for number in 1..=count {
            let text = message('s', number);
            let header = if number % 2 == 0 {
                FrameHeader::text(text.len())
            } else {
                FrameHeader::binary(text.len())
            };
            if write(&own, &header, text.as_bytes()).is_err() {
                return;
            }
            thread::sleep(pace);
        }
    });
    let keep = |text: String| {
        if let Some(key) = &plan.keep_as {
            let mut kept = kept.lock().expect("no holder panics");
            kept.entry(key.clone()).or_default().push(text);
        }
    };
    echo(&mut stream, &out, &keep)
}

/// The numbered message of one side, as `pages/carry.js` makes it too. Lengths differ; some do not fit a packet.
fn message(side: char, number: u64) -> String {
    let length = number * 37 % 600 + if number.is_multiple_of(50) { 5000 } else { 0 };
    let padding = "x".repeat(usize::try_from(length).expect("it is short"));
    format!("{side}:{number}:{padding}")
}

fn echo(stream: &mut TcpStream, out: &Mutex<TcpStream>, keep: &dyn Fn(String)) -> io::Result<()> {
    let mut unread = Vec::new();
    loop {
        let Some((header, payload)) = next_frame(stream, &mut unread)? else {
            return Ok(());
        };
        let returned = FrameHeader {
            mask: None,
            ..header
        };
        match header.opcode {
            Opcode::Ping => write(out, &FrameHeader::pong(payload.len()), &payload)?,
            Opcode::Close => {
                let code = payload
                    .first_chunk()
                    .map_or(1005, |code| u16::from_be_bytes(*code));
                keep(format!("close {code}"));
                return write(out, &returned, &payload);
            }
            Opcode::Pong | Opcode::Reserved(_) => {}
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                keep(String::from_utf8_lossy(&payload).into_owned());
                write(out, &returned, &payload)?;
            }
        }
    }
}

fn next_frame(
    stream: &mut TcpStream,
    unread: &mut Vec<u8>,
) -> io::Result<Option<(FrameHeader, Vec<u8>)>> {
    let mut piece = [0; 16 << 10];
    loop {
        if let Parsed::Header { header, size } = FrameHeader::parse(unread) {
            let payload = usize::try_from(header.length).expect("messages here are short");
            if unread.len() >= size + payload {
                let mut body: Vec<u8> = unread.drain(..size + payload).skip(size).collect();
                if let Some(key) = header.mask {
                    mask::apply(key, 0, &mut body);
                }
                return Ok(Some((header, body)));
            }
        }
        match stream.read(&mut piece)? {
            0 => return Ok(None),
            count => unread.extend_from_slice(&piece[..count]),
        }
    }
}

fn write(out: &Mutex<TcpStream>, header: &FrameHeader, payload: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::new();
    encode_frame(header, payload, &mut bytes);
    out.lock().expect("no holder panics").write_all(&bytes)
}

const FILES: &[(&str, &str, &str)] = &[
    ("/harness.js", JAVASCRIPT, HARNESS),
    ("/carry.html", HTML, include_str!("pages/carry.html")),
    ("/carry.js", JAVASCRIPT, include_str!("pages/carry.js")),
    ("/stand-in.html", HTML, include_str!("pages/stand-in.html")),
    ("/worker.html", HTML, include_str!("pages/worker.html")),
    ("/worker.js", JAVASCRIPT, include_str!("pages/worker.js")),
    ("/return.html", HTML, include_str!("pages/return.html")),
    ("/away.html", HTML, include_str!("pages/away.html")),
    ("/leave.html", HTML, include_str!("pages/leave.html")),
];
const HTML: &str = "text/html";
const JAVASCRIPT: &str = "text/javascript";
