//! What carries the lines: a stream of bytes, or a WebSocket whose messages are lines.
//!
//! It must never send a line without its end, nor take a certificate that is not trusted.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use towpath_diagnosis::observation::{Failed, Failure, Scheme, Stage, TlsVariation};
use towpath_diagnosis::words;
use towpath_irc::Framer;
use towpath_net::{Names, Plan, Stream, TlsPlan};
use towpath_reach::{ChannelReceiver, ChannelSender, Event, Message, Reach, Request, Via};

use super::server::Server;
use super::settings::Settings;
use crate::refused::refused;
use crate::state::Why;

/// How IRC over WebSocket is named (`IRCv3` websocket): lines as text, else as bytes.
const SUBPROTOCOLS: [&str; 2] = ["text.ircv3.net", "binary.ircv3.net"];

/// How long a line may take to leave before the connection counts as lost.
const WRITE_MAX: Duration = Duration::from_secs(30);

/// Bytes that are read at once.
const READ_BYTES: usize = 4 * 1024;

/// An open connection, and by which way.
pub(super) struct Opened {
    pub(super) carrier: Carrier,
    pub(super) way: String,
}

/// Carries lines.
pub(super) enum Carrier {
    Bytes {
        stream: Stream,
        framer: Framer,
        /// Not within the stream's future, so that giving up a read loses nothing.
        buffer: Box<[u8; READ_BYTES]>,
    },
    Web {
        sender: ChannelSender,
        receiver: ChannelReceiver,
        framer: Framer,
        as_text: bool,
    },
}

/// Opens a connection to the server.
pub(super) async fn open(settings: &Settings, reach: &Reach) -> Result<Opened, Why> {
    match &settings.server {
        Server::Host { host, port, tls } => open_host(settings, host, *port, *tls).await,
        Server::Web(url) => {
            let mut request = Request::new(url.clone());
            request.subprotocols = SUBPROTOCOLS.map(str::to_owned).to_vec();
            let opened = reach
                .open(request)
                .await
                .map_err(|error| refused("irc", &error))?;
            let chosen = opened.response.header("sec-websocket-protocol");
            let as_text = chosen != Some(SUBPROTOCOLS[1]);
            let way = opened.why;
            let (sender, receiver) = opened.carried.into_channel().split();
            let framer = Framer::default();
            let carrier = Carrier::Web {
                sender,
                receiver,
                framer,
                as_text,
            };
            Ok(Opened { carrier, way })
        }
    }
}

async fn open_host(settings: &Settings, host: &str, port: u16, tls: bool) -> Result<Opened, Why> {
    let network = &settings.network;
    let scheme = if tls { Scheme::Wss } else { Scheme::Ws };
    let proxy = match settings.via {
        Via::Direct => None,
        _ => network.proxy.server(scheme, host, port),
    };
    let mut way = match &proxy {
        Some(proxy) => format!("through the proxy {proxy}"),
        None => "directly".to_owned(),
    };
    way.push_str(if tls { ", by TLS" } else { ", not encrypted" });
    let plan = Plan {
        host: host.to_owned(),
        port,
        address: None,
        proxy,
        tls: tls.then(|| TlsPlan::of(TlsVariation::Ordinary)),
    };
    let opened = towpath_net::open(&network.net, &mut Names::default(), &plan, &mut ()).await;
    let opened = opened.map_err(|not| not_opened(&settings.server, &not.failed))?;
    let carrier = Carrier::Bytes {
        stream: opened.stream,
        framer: Framer::default(),
        buffer: Box::new([0; READ_BYTES]),
    };
    Ok(Opened { carrier, way })
}

fn not_opened(server: &Server, failed: &Failed) -> Why {
    let remedy = match (failed.stage, &failed.failure) {
        (Stage::Tls, Failure::NotTls { .. }) => Some(
            "this port speaks no TLS: use the server's TLS port, usually 6697, or set `tls = false`",
        ),
        (Stage::Tls, Failure::NotTrusted) => Some(
            "if the server has a private authority, name its certificate in `cacert` of this side",
        ),
        (Stage::Connect, Failure::TimedOut { .. } | Failure::Refused | Failure::Unreachable) => {
            Some("check host and port; networks often let IRC's ports out through a proxy only")
        }
        _ => None,
    };
    Why {
        sentence: format!(
            "no connection to {server}: {}",
            words::failure(&failed.failure)
        ),
        remedy: remedy.map(str::to_owned),
        finding: None,
    }
}

impl Carrier {
    /// The next line, or why there is none any more. Nothing is lost where the future is dropped.
    pub(super) async fn read(&mut self) -> Result<Vec<u8>, String> {
        match self {
            Self::Bytes {
                stream,
                framer,
                buffer,
            } => loop {
                if let Some(line) = framer.next_line() {
                    return Ok(line);
                }
                match stream.read(&mut buffer[..]).await {
                    Ok(0) => return Err("the server closed the connection".to_owned()),
                    Ok(read) => framer.push(&buffer[..read]),
                    Err(error) => return Err(format!("the connection was lost: {error}")),
                }
            },
            Self::Web {
                receiver, framer, ..
            } => loop {
                if let Some(line) = framer.next_line() {
                    return Ok(line);
                }
                match receiver.next().await {
                    Some(Event::Message(Message::Text(line) | Message::Binary(line))) => {
                        framer.push(&line);
                        // A message is a line; its end is left out.
                        framer.push(b"\n");
                    }
                    Some(Event::Reconnecting | Event::Recovered) => {}
                    Some(Event::Closed {
                        code, reason, lost, ..
                    }) => return Err(closed(code, &reason, lost)),
                    None => return Err("the WebSocket is over".to_owned()),
                }
            },
        }
    }

    /// Sends a line.
    pub(super) async fn write(&mut self, line: &str) -> Result<(), String> {
        let late = |_| format!("the server took no line within {} s", WRITE_MAX.as_secs());
        let writing = self.write_whole(line);
        timeout(WRITE_MAX, writing).await.map_err(late)?
    }

    async fn write_whole(&mut self, line: &str) -> Result<(), String> {
        match self {
            Self::Bytes { stream, .. } => {
                let line = format!("{line}\r\n");
                let written = stream.write_all(line.as_bytes()).await;
                let flushed = match written {
                    Ok(()) => stream.flush().await,
                    Err(error) => Err(error),
                };
                flushed.map_err(|error| format!("the connection was lost: {error}"))
            }
            Self::Web {
                sender, as_text, ..
            } => {
                let line = Bytes::copy_from_slice(line.as_bytes());
                let message = if *as_text {
                    Message::Text(line)
                } else {
                    Message::Binary(line)
                };
                sender
                    .send(message)
                    .await
                    .map_err(|_| "the WebSocket is over".to_owned())
            }
        }
    }

    /// Ends the connection, behind everything that was sent.
    pub(super) async fn close(&mut self) {
        // Whatever fails now is over already.
        match self {
            Self::Bytes { stream, .. } => drop(timeout(WRITE_MAX, stream.shutdown()).await),
            Self::Web { sender, .. } => {
                drop(timeout(WRITE_MAX, sender.close(Some(1000), "")).await);
            }
        }
    }
}

fn closed(code: u16, reason: &str, lost: Option<String>) -> String {
    match lost {
        Some(lost) => lost,
        None if reason.is_empty() => format!("the WebSocket was closed with {code}"),
        None => format!("the WebSocket was closed with {code}: {reason}"),
    }
}
