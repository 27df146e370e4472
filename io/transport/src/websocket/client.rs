//! The client's end of the `websocket` transport: binary messages of whole envelopes.
//!
//! It must never take the WebSocket's own close for the session's end, and it goes on reading while
//! a write waits: two ends that both write first would wait for ever.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, split};
use tokio::sync::mpsc;
use towpath_diagnosis::observation::{Header, RequestHead};
use towpath_net::{Stream, http1};
use towpath_websocket::handshake::request_headers;
use towpath_websocket::{
    Connection, Event, Limits, MessageKind, Offer, ResponseHead, Role, Severity, check_response,
    key_from,
};

use crate::client::dial::Dialer;
use crate::client::failure::Failure;
use crate::client::report::{Order, Reporter, What};
use crate::websocket::server::SUBPROTOCOL;

/// Largest message in either direction, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 65_536;
/// What one read asks for.
const READ_BYTES: usize = 16 * 1024;

/// Dials, attaches with `first`, and carries until the WebSocket ends.
pub(crate) async fn run(
    dialer: Dialer,
    first: Bytes,
    orders: mpsc::UnboundedReceiver<Order>,
    reporter: Reporter,
) {
    let failure = match shake_hands(&dialer).await {
        Ok(stream) => {
            Wire::new(orders, reporter.clone())
                .carry(stream, &first)
                .await
        }
        Err(failure) => failure,
    };
    reporter.say(What::Ended(failure)).await;
}

async fn shake_hands(dialer: &Dialer) -> Result<Stream, Failure> {
    let (mut stream, _) = dialer.dial(&["http/1.1"]).await?;
    let key = key_from(random());
    let subprotocols = [SUBPROTOCOL.to_owned()];
    let offer = Offer {
        key: &key,
        subprotocols: &subprotocols,
        extensions: "",
    };
    let mut headers = request_headers(&dialer.target.authority, &offer);
    headers.extend(dialer.headers());
    let request = RequestHead {
        method: "GET".to_owned(),
        // The one query of the protocol: a WebSocket that never gets as far as its attach is found by it.
        target: format!("{}?{}", dialer.target.endpoint("websocket"), dialer.attempt),
        version: "HTTP/1.1".to_owned(),
        headers: headers
            .into_iter()
            .map(|(name, value)| Header { name, value })
            .collect(),
    };
    let limits = &dialer.settings.net.limits;
    let answer = http1::exchange(&mut stream, &request, limits)
        .await
        .map_err(|failure| Failure::Handshake(format!("{failure:?}")))?;
    if answer.status != 101 {
        return Err(Failure::Status(answer.status));
    }
    let headers: Vec<_> = answer
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    let acceptance = check_response(
        &ResponseHead {
            status: answer.status,
            headers: &headers,
        },
        &offer,
    );
    if !acceptance.opens() {
        return Err(Failure::Handshake(format!("{:?}", acceptance.deviations)));
    }
    Ok(stream)
}

/// One open WebSocket.
struct Wire {
    connection: Connection,
    orders: mpsc::UnboundedReceiver<Order>,
    reporter: Reporter,
    /// Written by nobody yet.
    unsent: BytesMut,
    /// What is unsent holds an [`Order::Up`] whose end is to be reported.
    owes_room: bool,
    finishing: bool,
}

impl Wire {
    fn new(orders: mpsc::UnboundedReceiver<Order>, reporter: Reporter) -> Self {
        let limits = Limits {
            message_bytes_max: MESSAGE_BYTES_MAX,
            stop_at: Some(Severity::MustFail),
            ..Limits::default()
        };
        Self {
            connection: Connection::new(Role::Client, limits, None),
            orders,
            reporter,
            unsent: BytesMut::new(),
            owes_room: false,
            finishing: false,
        }
    }

    async fn carry(mut self, stream: Stream, first: &[u8]) -> Failure {
        let (mut reader, mut writer) = split(stream);
        self.message(first);
        let mut incoming = BytesMut::new();
        loop {
            let written = tokio::select! {
                read = read(&mut reader, &mut incoming) => {
                    if let Err(failure) = read {
                        return failure;
                    }
                    match self.take(&mut incoming).await {
                        Ok(()) => continue,
                        Err(failure) => return failure,
                    }
                }
                written = writer.write(&self.unsent), if !self.unsent.is_empty() => written,
                order = self.orders.recv(), if self.unsent.is_empty() && !self.finishing => {
                    match order {
                        Some(Order::Up(envelopes)) => {
                            self.message(&envelopes);
                            self.owes_room = true;
                        }
                        Some(Order::Down(_)) => {}
                        Some(Order::Finish) => self.finish(),
                        None => return Failure::Killed,
                    }
                    continue;
                }
            };
            match written {
                Ok(0) => return Failure::Cut("nothing can be written".to_owned()),
                Ok(bytes) => self.unsent.advance(bytes),
                Err(error) => return Failure::Cut(error.to_string()),
            }
            if self.unsent.is_empty() {
                if let Err(error) = writer.flush().await {
                    return Failure::Cut(error.to_string());
                }
                if std::mem::take(&mut self.owes_room) {
                    self.reporter.say(What::Room).await;
                }
            }
        }
    }

    /// What has arrived, to the driver.
    async fn take(&mut self, incoming: &mut BytesMut) -> Result<(), Failure> {
        let events = self.connection.feed(incoming);
        incoming.clear();
        for event in events {
            match event {
                Event::Message { message, .. } if message.kind == MessageKind::Binary => {
                    self.reporter.say(What::Down(message.payload.into())).await;
                }
                Event::Message { .. } => {
                    return Err(Failure::Malformed("a text message".to_owned()));
                }
                Event::Ping(payload) => {
                    self.write(|connection, out| connection.send_pong(&payload, random, out));
                }
                Event::Close { code, reason } => {
                    return Err(Failure::Cut(format!("closed with {code:?} {reason}")));
                }
                Event::OverLimit { limit, .. } => {
                    return Err(Failure::Malformed(limit.as_str().to_owned()));
                }
                Event::Deviation { deviation, .. } if self.connection.failure().is_some() => {
                    return Err(Failure::Malformed(format!("{deviation:?}")));
                }
                Event::Pong(_) | Event::Deviation { .. } => {}
            }
        }
        Ok(())
    }

    fn message(&mut self, envelopes: &[u8]) {
        self.write(|connection, out| connection.send_binary(envelopes, random, out));
    }

    fn finish(&mut self) {
        self.finishing = true;
        let code = Some(towpath_websocket::CloseCode::NORMAL);
        self.write(|connection, out| connection.send_close(code, "", random, out));
    }

    /// Nothing is written any more once the close frame is out; then there is nothing to tell either.
    fn write<E>(&mut self, write: impl FnOnce(&mut Connection, &mut Vec<u8>) -> Result<(), E>) {
        let mut out = Vec::new();
        if write(&mut self.connection, &mut out).is_ok() {
            self.unsent.extend_from_slice(&out);
        }
    }
}

async fn read(reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Result<(), Failure> {
    buffer.reserve(READ_BYTES);
    match reader.read_buf(buffer).await {
        Ok(0) => Err(Failure::Cut("ended without a close frame".to_owned())),
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::Cut(error.to_string())),
    }
}

/// Bytes that nobody can foretell, as keys and masks need them.
fn random<const N: usize>() -> [u8; N] {
    crate::client::random()
}
