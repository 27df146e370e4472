//! What stands behind the gateway: the pages under test, and a WebSocket that sends everything back.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use towpath_tests::support::browser::HARNESS;
use towpath_tests::support::http::{Reply, Request, Server};
use towpath_websocket::{FrameHeader, Opcode, Parsed, accept_key, encode_frame, mask};

/// A running backend.
#[derive(Debug)]
pub(crate) struct Backend(Server);

impl Backend {
    pub(crate) fn start() -> Self {
        Self(Server::start(answer))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

fn answer(request: &Request) -> Reply {
    if request.header("upgrade").eq_ignore_ascii_case("websocket") {
        let key = accept_key(request.header("sec-websocket-key"));
        return Reply::Taken(Box::new(move |stream| {
            // A peer that goes away in the middle is everyday life.
            echo(stream, &key).ok();
        }));
    }
    match FILES.iter().find(|(path, ..)| *path == request.path()) {
        Some((_, content_type, text)) => Reply::text(content_type, text),
        None => Reply::status(404),
    }
}

fn echo(mut stream: TcpStream, accept: &str) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )?;
    let (mut unread, mut piece) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        while let Some((header, payload)) = next_frame(&mut unread) {
            let header = match header.opcode {
                Opcode::Ping => FrameHeader::pong(payload.len()),
                _ => FrameHeader {
                    mask: None,
                    ..header
                },
            };
            let mut bytes = Vec::new();
            encode_frame(&header, &payload, &mut bytes);
            stream.write_all(&bytes)?;
            if header.opcode == Opcode::Close {
                return Ok(());
            }
        }
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            count => unread.extend_from_slice(&piece[..count]),
        }
    }
}

/// Takes the first frame, unmasked, if it is complete.
fn next_frame(unread: &mut Vec<u8>) -> Option<(FrameHeader, Vec<u8>)> {
    let Parsed::Header { header, size } = FrameHeader::parse(unread) else {
        return None;
    };
    let end = size + usize::try_from(header.length).expect("messages here are short");
    if unread.len() < end {
        return None;
    }
    let mut payload: Vec<u8> = unread.drain(..end).skip(size).collect();
    if let Some(key) = header.mask {
        mask::apply(key, 0, &mut payload);
    }
    Some((header, payload))
}

const FILES: &[(&str, &str, &str)] = &[
    ("/harness.js", JAVASCRIPT, HARNESS),
    ("/session.html", HTML, include_str!("pages/session.html")),
    ("/check.html", HTML, include_str!("pages/check.html")),
    ("/healthy.html", HTML, include_str!("pages/healthy.html")),
    ("/healthy.js", JAVASCRIPT, include_str!("pages/healthy.js")),
    ("/plain.html", HTML, include_str!("pages/plain.html")),
    ("/leaver.html", HTML, include_str!("pages/leaver.html")),
];
const HTML: &str = "text/html";
const JAVASCRIPT: &str = "text/javascript";
