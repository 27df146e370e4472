//! A WebSocket server that hands each open connection to what a test wants.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use towpath_diagnosis::observation::{Conversation, Endurance, Fact, Scheme};
use towpath_probe::{Probe, ProbeSettings};
use towpath_websocket::{
    Connection, DeflateParameters, Event, FrameHeader, Limits, Role, accept_key, encode_frame,
};

/// An accepted connection after its 101.
pub(crate) struct Open {
    pub(crate) tcp: TcpStream,
    pub(crate) deflate: bool,
}

/// Accepts handshakes; `serve` has the rest. Compression is agreed where offered.
pub(crate) async fn serve<F>(serve: impl Fn(Open) -> F + Send + Sync + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let serve = Arc::clone(&serve);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(tcp.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let value = |name: &str| {
                    head.lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                };
                let accept = accept_key(value("Sec-WebSocket-Key").unwrap());
                let deflate = value("Sec-WebSocket-Extensions").is_some();
                let extension = if deflate {
                    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                } else {
                    ""
                };
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
                );
                tcp.write_all(answer.as_bytes()).await.unwrap();
                serve(Open { tcp, deflate }).await;
            });
        }
    });
    address
}

/// Echoes until the peer goes, or until nothing came for so long.
pub(crate) async fn echo(mut open: Open, idle: Duration) {
    let agreed = open.deflate.then(DeflateParameters::default);
    let mut connection = Connection::new(Role::Server, Limits::default(), agreed);
    let mut buffer = vec![0; 1 << 16];
    while let Ok(Ok(count @ 1..)) = timeout(idle, open.tcp.read(&mut buffer)).await {
        let mut out = Vec::new();
        let mut over = false;
        for event in connection.feed(&buffer[..count]) {
            let key = || [0; 4];
            match event {
                Event::Message { message, .. } => connection
                    .send(message.kind, &message.payload, None, key, &mut out)
                    .unwrap(),
                Event::Ping(payload) => connection.send_pong(&payload, key, &mut out).unwrap(),
                Event::Close { code, reason } => {
                    connection.send_close(code, &reason, key, &mut out).unwrap();
                    over = true;
                }
                Event::Pong(_) => {}
                other => panic!("the probe sent {other:?}"),
            }
        }
        if open.tcp.write_all(&out).await.is_err() || over {
            break;
        }
    }
}

/// Reads and answers nothing.
pub(crate) async fn swallow(mut open: Open) {
    // The peer's leaving is the end of the test.
    open.tcp.read_to_end(&mut Vec::new()).await.ok();
}

/// Resets at the first byte.
pub(crate) async fn reset(mut open: Open) {
    // Whatever it is, and even if the peer is gone.
    open.tcp.read_exact(&mut [0; 1]).await.ok();
    open.tcp.set_zero_linger().unwrap();
}

/// Sends a frame as it stands.
pub(crate) async fn send(open: &mut Open, header: FrameHeader, payload: &[u8]) {
    let mut bytes = Vec::new();
    encode_frame(&header, payload, &mut bytes);
    open.tcp.write_all(&bytes).await.unwrap();
}

/// A probe of this server.
pub(crate) fn probe(address: SocketAddr, change: impl FnOnce(&mut ProbeSettings)) -> Probe {
    let host = address.ip().to_string();
    let mut settings = ProbeSettings::new(Scheme::Ws, &host, address.port(), "/ws");
    change(&mut settings);
    Probe::new(settings)
}

/// The conversations among facts.
pub(crate) fn conversations(facts: Vec<Fact>) -> Vec<Conversation> {
    let only = |fact| match fact {
        Fact::Conversation(conversation) => Some(conversation),
        _ => None,
    };
    facts.into_iter().filter_map(only).collect()
}

/// The sockets of the time ladder among facts.
pub(crate) fn endurances(facts: Vec<Fact>) -> Vec<Endurance> {
    let only = |fact| match fact {
        Fact::Endurance(endurance) => Some(endurance),
        _ => None,
    };
    facts.into_iter().filter_map(only).collect()
}
