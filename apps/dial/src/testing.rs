//! A client for tests that says exactly what it is told, and sockets that are connected to each other.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use towpath_websocket::{
    CloseCode, Connection, Event, FrameHeader, Limits, MessageKind, Opcode, Role, encode_frame,
};

/// Two ends of a TCP connection.
pub(crate) async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.unwrap(), far.unwrap().0)
}

/// One end of a WebSocket behind its handshake.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    connection: Connection,
    events: VecDeque<Event>,
}

/// What a [`Peer`] sees.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Saw {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
    /// The stream ended; whether by a reset.
    End(bool),
}

impl Peer {
    pub(crate) fn new(stream: TcpStream, role: Role) -> Self {
        let limits = Limits {
            message_bytes_max: 64 << 20,
            ..Limits::default()
        };
        Self {
            stream,
            connection: Connection::new(role, limits, None),
            events: VecDeque::new(),
        }
    }

    pub(crate) async fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        let header = FrameHeader::new(opcode, payload.len());
        let header = match self.connection.role() {
            Role::Client => header.masked([1, 2, 3, 4]),
            Role::Server => header,
        };
        let mut wire = Vec::new();
        encode_frame(&header, payload, &mut wire);
        self.stream.write_all(&wire).await.unwrap();
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.frame(Opcode::Text, text.as_bytes()).await;
    }

    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        let payload = towpath_websocket::encode_close(CloseCode(code), reason.as_bytes());
        self.frame(Opcode::Close, &payload).await;
    }

    /// What comes next, which has to come soon.
    pub(crate) async fn saw(&mut self) -> Saw {
        timeout(PATIENCE, self.next()).await.expect("it comes soon")
    }

    async fn next(&mut self) -> Saw {
        loop {
            if let Some(event) = self.events.pop_front() {
                return match event {
                    Event::Message { message, .. } => match message.kind {
                        MessageKind::Text => Saw::Text(String::from_utf8(message.payload).unwrap()),
                        MessageKind::Binary => Saw::Binary(message.payload),
                    },
                    Event::Ping(payload) => Saw::Ping(payload),
                    Event::Pong(payload) => Saw::Pong(payload),
                    Event::Close { code, reason } => {
                        Saw::Close(code.unwrap_or(CloseCode::NO_STATUS).0, reason)
                    }
                    other => panic!("{other:?}"),
                };
            }
            let mut scratch = vec![0; 64 * 1024];
            match self.stream.read(&mut scratch).await {
                Ok(0) => return Saw::End(false),
                Ok(read) => self.events.extend(self.connection.feed(&scratch[..read])),
                Err(_) => return Saw::End(true),
            }
        }
    }
}

/// For everything that has to happen soon, on a machine with much to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
