//! A remote for tests: it keeps the heads that it saw, and answers as it was told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use towpath_websocket::{FrameHeader, Opcode, Parsed, accept_key, encode_frame};

/// How a remote answers a handshake.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// With a 101 and these header lines, then every frame back as it came, without its mask.
    Echo(&'static str),
    /// With these bytes, and an end.
    Bytes(&'static str),
    /// Not at all: it hangs up.
    Nothing,
}

/// A remote that listens.
pub(crate) struct Remote {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Remote {
    pub(crate) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, kept.clone()));
            }
        });
        Self { address, heads }
    }

    /// The heads so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: Answers, heads: Arc<Mutex<Vec<String>>>) {
    let Some(head) = head(&mut stream).await else {
        return;
    };
    heads.lock().unwrap().push(head.clone());
    match answers {
        Answers::Nothing => {}
        Answers::Bytes(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Answers::Echo(more) => {
            let key = value(&head, "sec-websocket-key").unwrap_or_default();
            let accept = accept_key(&key);
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{more}\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            echo(stream).await;
        }
    }
}

/// Every frame back; a ping comes back as a pong.
async fn echo(mut stream: TcpStream) {
    let mut buffer = Vec::new();
    loop {
        while let Parsed::Header { header, size } = FrameHeader::parse(&buffer) {
            let length = usize::try_from(header.length).unwrap();
            if buffer.len() < size + length {
                break;
            }
            let mut payload: Vec<u8> = buffer.drain(..size + length).skip(size).collect();
            let mask = header.mask.expect("clients mask");
            for (at, byte) in payload.iter_mut().enumerate() {
                *byte ^= mask[at % 4];
            }
            let opcode = match header.opcode {
                Opcode::Ping => Opcode::Pong,
                other => other,
            };
            let mut wire = Vec::new();
            let back = FrameHeader {
                mask: None,
                opcode,
                ..header
            };
            encode_frame(&back, &payload, &mut wire);
            if stream.write_all(&wire).await.is_err() || opcode == Opcode::Close {
                return;
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
    }
}

/// Reads up to the empty line.
pub(crate) async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// The value of a header.
pub(crate) fn value(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_owned())
}
