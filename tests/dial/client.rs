//! A program's open WebSocket, by hand so that a test sees every frame.
//!
//! It never waits for ever, and never hides what it did not expect.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_websocket::{
    CloseCode, Connection, Event, FrameHeader, Limits, MessageKind, Role, encode_frame,
};

/// How long anything may take on a busy machine, a browser's start included.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What came, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    /// A close frame, `None` where it held no code.
    Close(Option<u16>, String),
    /// The connection ended without a close frame.
    End,
}

/// An open socket.
pub(crate) struct Client {
    stream: TcpStream,
    connection: Connection,
    /// The head of the 101.
    pub(crate) head: String,
    came: VecDeque<Came>,
    is_over: bool,
}

impl Client {
    /// A socket whose handshake is over; `rest` came behind it.
    pub(crate) async fn new(stream: TcpStream, head: String, rest: &[u8]) -> Self {
        let limits = Limits {
            message_bytes_max: 64 << 20,
            ..Limits::default()
        };
        let mut client = Self {
            stream,
            connection: Connection::new(Role::Client, limits, None),
            head,
            came: VecDeque::new(),
            is_over: false,
        };
        client.take(rest).await;
        client
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.message(MessageKind::Text, text.as_bytes()).await;
    }

    pub(crate) async fn binary(&mut self, bytes: &[u8]) {
        self.message(MessageKind::Binary, bytes).await;
    }

    async fn message(&mut self, kind: MessageKind, payload: &[u8]) {
        let mut out = Vec::new();
        self.connection
            .send(kind, payload, None, || MASK, &mut out)
            .expect("the test has not closed");
        self.write(&out).await;
    }

    /// A text message in two frames with a ping between them.
    pub(crate) async fn fragments(&mut self, first: &str, second: &str) {
        let mut out = Vec::new();
        let mut header = FrameHeader::text(first.len());
        header.fin = false;
        encode_frame(&header.masked(MASK), first.as_bytes(), &mut out);
        encode_frame(&FrameHeader::ping(7).masked(MASK), b"between", &mut out);
        let last = FrameHeader::new(towpath_websocket::Opcode::Continuation, second.len());
        encode_frame(&last.masked(MASK), second.as_bytes(), &mut out);
        self.write(&out).await;
    }

    pub(crate) async fn ping(&mut self, payload: &[u8]) {
        let mut out = Vec::new();
        self.connection
            .send_ping(payload, || MASK, &mut out)
            .expect("the test has not closed");
        self.write(&out).await;
    }

    /// Sends a close frame; without a code an empty one.
    pub(crate) async fn close(&mut self, code: Option<u16>, reason: &str) {
        let mut out = Vec::new();
        self.connection
            .send_close(code.map(CloseCode), reason, || MASK, &mut out)
            .expect("the test closes once, with a code that may be sent");
        self.write(&out).await;
    }

    /// The next thing that comes. Pings are answered and not shown.
    pub(crate) async fn next(&mut self) -> Came {
        within(self.next_patiently(), &"nothing came").await
    }

    async fn next_patiently(&mut self) -> Came {
        let mut piece = vec![0; 64 << 10];
        loop {
            if let Some(came) = self.came.pop_front() {
                return came;
            }
            if self.is_over {
                return Came::End;
            }
            match self.stream.read(&mut piece).await {
                Ok(0) | Err(_) => self.is_over = true,
                Ok(count) => self.take(&piece[..count]).await,
            }
        }
    }

    /// Sends a text and expects it back.
    pub(crate) async fn echo(&mut self, text: &str) {
        self.text(text).await;
        assert_eq!(self.next().await, Came::Text(text.to_owned()));
    }

    /// The next thing, which must be a text.
    pub(crate) async fn next_text(&mut self) -> String {
        match self.next().await {
            Came::Text(text) => text,
            came => panic!("a text was expected: {came:?}"),
        }
    }

    /// Closes and expects the same code back, and the end after it.
    pub(crate) async fn farewell(mut self) {
        self.close(Some(1000), "").await;
        loop {
            match self.next().await {
                Came::Close(code, _) => {
                    assert_eq!(code, Some(1000));
                    break;
                }
                Came::End => panic!("no close came back"),
                _ => {}
            }
        }
        assert_eq!(self.next().await, Came::End);
    }

    /// The code that the other end closes with; `None` where the connection ends without.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Came::Close(code, _) => return code,
                Came::End => return None,
                _ => {}
            }
        }
    }

    /// Ends the connection with a reset.
    pub(crate) fn vanish(self) {
        self.stream.set_zero_linger().expect("TCP");
    }

    async fn take(&mut self, bytes: &[u8]) {
        for event in self.connection.feed(bytes) {
            match event {
                Event::Message { message, .. } => {
                    let came = match message.kind {
                        MessageKind::Text => {
                            Came::Text(String::from_utf8(message.payload).expect("text is UTF-8"))
                        }
                        MessageKind::Binary => Came::Binary(message.payload),
                    };
                    self.came.push_back(came);
                }
                Event::Ping(payload) => {
                    let mut out = Vec::new();
                    let pong = self.connection.send_pong(&payload, || MASK, &mut out);
                    if pong.is_ok() {
                        self.write(&out).await;
                    }
                }
                Event::Pong(payload) => self.came.push_back(Came::Pong(payload)),
                Event::Close { code, reason } => {
                    self.came
                        .push_back(Came::Close(code.map(|code| code.0), reason));
                }
                Event::Deviation { .. } | Event::OverLimit { .. } => panic!("{event:?}"),
            }
        }
    }

    /// A peer that is gone is seen on reading.
    async fn write(&mut self, bytes: &[u8]) {
        within(self.stream.write_all(bytes), &"nobody reads")
            .await
            .ok();
    }
}

/// Bytes of which no two neighbours are alike.
pub(crate) fn pattern(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}

/// What the future gives, which must not take long.
pub(crate) async fn within<T>(
    future: impl Future<Output = T>,
    what: &(impl std::fmt::Debug + ?Sized),
) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("nothing after {PATIENCE:?}: {what:?}"))
}

const MASK: [u8; 4] = [7, 1, 200, 33];
