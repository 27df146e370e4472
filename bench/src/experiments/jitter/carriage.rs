//! Our contestant: a backend that talks by itself, and clients of the session protocol.

use super::samples::{Sample, Way};
use super::{Course, Plan, now, sleep_until};
use crate::echo;
use crate::frames::Frames;
use anyhow::{Context as _, Result, bail};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use towpath_transport::client::{Client, Event, Message, Settings, Transport};
use towpath_websocket::{FrameHeader, Opcode, encode_frame};

/// The backend: on each connection it sends its messages and notes those of the client.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    /// Milliseconds since 1970 of the first message.
    pub(super) start: f64,
    samples: Rc<RefCell<Vec<Sample>>>,
    acceptor: AbortHandle,
}

impl Backend {
    pub(super) async fn start(plan: &Plan, start: f64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let samples = Rc::new(RefCell::new(Vec::new()));
        let (plan, noted) = (plan.clone(), Rc::clone(&samples));
        let acceptor = tokio::task::spawn_local(async move {
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let (plan, noted) = (plan.clone(), Rc::clone(&noted));
                let place = connections;
                connections += 1;
                // A connection that breaks shows as messages that did not arrive.
                tokio::task::spawn_local(async move {
                    let _ = converse(stream, &plan, start, place, &noted).await;
                });
            }
        });
        Ok(Self {
            address,
            start,
            samples,
            acceptor: acceptor.abort_handle(),
        })
    }

    /// What arrived, in the order of arrival.
    pub(super) fn finish(&mut self) -> Vec<Sample> {
        self.acceptor.abort();
        self.samples.take()
    }
}

async fn converse(
    stream: TcpStream,
    plan: &Plan,
    start: f64,
    place: u32,
    noted: &RefCell<Vec<Sample>>,
) -> Result<()> {
    stream.set_nodelay(true)?;
    echo::handshake(&stream).await?;
    let (mut from, mut to) = stream.into_split();
    let talk = async {
        for number in 1..=plan.messages {
            sleep_until(start, due(plan, place, number)).await;
            let text = format!("{number} {}", now());
            let mut frame = Vec::new();
            encode_frame(&FrameHeader::text(text.len()), text.as_bytes(), &mut frame);
            to.write_all(&frame).await?;
        }
        std::future::pending::<Result<()>>().await
    };
    let listen = async {
        let mut frames = Frames::default();
        let mut buffer = [0; 4096];
        loop {
            let count = from.read(&mut buffer).await?;
            frames.feed(&mut buffer[..count], |opcode, payload| {
                if opcode == Opcode::Text {
                    noted.borrow_mut().push(read(Way::Up, None, payload)?);
                }
                Ok(())
            })?;
            if count == 0 {
                return Ok(());
            }
        }
    };
    tokio::select! { ended = talk => ended, ended = listen => ended }
}

/// All clients until the run is over; what they heard.
pub(super) async fn clients(course: &Course, transport: Transport) -> Result<Vec<Sample>> {
    let mut clients = JoinSet::new();
    for index in 0..course.plan.clients {
        let mut settings = Settings::new(format!("ws://{}/", course.address));
        settings.transports = vec![transport];
        let (plan, start) = (course.plan.clone(), course.start);
        clients.spawn_local(async move { client(settings, &plan, start, index).await });
    }
    let mut samples = Vec::new();
    while let Some(done) = clients.join_next().await {
        samples.extend(done??);
    }
    Ok(samples)
}

async fn client(settings: Settings, plan: &Plan, start: f64, index: u32) -> Result<Vec<Sample>> {
    let mut client = Client::open(settings)?;
    let sender = client.sender();
    let talk = async {
        for number in 1..=plan.messages {
            sleep_until(start, due(plan, index, number)).await;
            let text = format!("{index} {number} {}", now());
            sender.send(Message::text(text)).await?;
        }
        sleep_until(start, plan.duration()).await;
        anyhow::Ok(())
    };
    let mut samples = Vec::new();
    let listen = async {
        loop {
            match client.next().await.context("no more events")? {
                Event::Message(message) => {
                    samples.push(read(Way::Down, Some(index), message.payload())?);
                }
                Event::Closed(closed) => {
                    bail!("a session ended: {} {}", closed.code, closed.reason)
                }
                Event::Refused { status, .. } => bail!("refused with status {status}"),
                _ => {}
            }
        }
    };
    tokio::select! { ended = talk => ended?, ended = listen => ended? }
    Ok(samples)
}

/// When a message is sent; the clients' paces are spread over one interval.
fn due(plan: &Plan, index: u32, number: u32) -> Duration {
    plan.interval * number + plan.interval * (index % plan.clients) / plan.clients
}

/// A message: the client where it is not known, number, time of sending.
fn read(way: Way, client: Option<u32>, payload: &[u8]) -> Result<Sample> {
    let text = std::str::from_utf8(payload)?;
    let mut words = text.split(' ');
    let mut word = || words.next().context("a message too short");
    Ok(Sample {
        way,
        client: match client {
            Some(client) => client,
            None => word()?.parse()?,
        },
        number: word()?.parse()?,
        sent: word()?.parse()?,
        received: now(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_in_both_directions() {
        let up = read(Way::Up, None, b"7 3 1000.5").unwrap();
        assert_eq!((up.client, up.number, up.way), (7, 3, Way::Up));
        let down = read(Way::Down, Some(9), b"4 1000.5").unwrap();
        assert_eq!((down.client, down.number), (9, 4));
        assert!((down.sent - 1000.5).abs() < 1e-9);
        assert!(read(Way::Up, None, b"7 3").is_err());
    }
}
