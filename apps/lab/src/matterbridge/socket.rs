//! One open websocket: the greeting, the history where there is one, then every message once.

use std::future::pending;
use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{ReadHalf, WriteHalf, split};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, interval_at};
use towpath_chat::matterbridge::parse_time;
use towpath_websocket::{CloseCode, FrameHeader, Opcode, encode_close};

use crate::answer::Answer;
use crate::frames::{self, Frame};
use crate::request::Request;
use crate::stream::Stream;

use super::hub::{Happening, Hub, greeting, of_client};

/// Accepts a handshake, and serves the websocket until one end leaves.
pub(super) async fn serve(mut stream: Stream, request: &Request, hub: &Hub) -> io::Result<()> {
    Answer::switching(request).write(&mut stream).await?;
    let (read, mut write) = split(stream);
    if !hub.troubles().no_greeting {
        frames::write_text(&mut write, &greeting().to_string()).await?;
    }
    let since = request.header("skip_before").and_then(parse_time);
    let (history, happenings) = hub.listen_since(since);
    for object in history {
        frames::write_text(&mut write, &object.to_string()).await?;
    }
    let open = Open::of(hub);
    let (tell, told) = mpsc::channel(FRAMES_MAX);
    let reading = async {
        // How the client left shows in the end of its frames.
        let _ = listen(read, tell).await;
        pending::<()>().await;
    };
    tokio::select! {
        done = talk(hub, open.number, write, told, happenings) => done,
        () = reading => Ok(()),
    }
}

async fn talk(
    hub: &Hub,
    number: u64,
    mut write: WriteHalf<Stream>,
    mut told: mpsc::Receiver<Frame>,
    mut happenings: broadcast::Receiver<Happening>,
) -> io::Result<()> {
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut is_mute = false;
    loop {
        tokio::select! {
            frame = told.recv() => match frame {
                None => return Ok(()),
                Some(_) if is_mute => {}
                Some(frame) if frame.header.opcode == Opcode::Close => {
                    return frames::write(&mut write, &frame.returned(), &frame.payload).await;
                }
                Some(frame) if frame.payload.len() > INBOUND_BYTES_MAX => {
                    return close(&mut write, 1009, "").await;
                }
                Some(frame) => hear(hub, number, &mut write, &frame).await?,
            },
            happening = happenings.recv() => match happening {
                Ok(Happening::Told { object, except }) if !is_mute && except != Some(number) => {
                    frames::write_text(&mut write, &object).await?;
                }
                Ok(Happening::Dropped) => return Ok(()),
                Ok(Happening::Closed { code, reason }) => {
                    return close(&mut write, code, &reason).await;
                }
                Ok(Happening::Muted) => is_mute = true,
                // What a slow client does not take is dropped.
                Ok(Happening::Told { .. }) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            },
            _ = pings.tick(), if !is_mute => {
                frames::write(&mut write, &FrameHeader::ping(0), b"").await?;
            }
        }
    }
}

async fn hear(
    hub: &Hub,
    number: u64,
    write: &mut WriteHalf<Stream>,
    frame: &Frame,
) -> io::Result<()> {
    match frame.header.opcode {
        Opcode::Ping => {
            let pong = FrameHeader::pong(frame.payload.len());
            frames::write(write, &pong, &frame.payload).await
        }
        Opcode::Text | Opcode::Binary => {
            let Ok(object) = serde_json::from_slice::<Value>(&frame.payload) else {
                return Ok(());
            };
            let object = of_client(object);
            // The other websockets hear it whatever the gateway makes of it.
            hub.tell(Happening::Told {
                object: object.to_string(),
                except: Some(number),
            });
            hub.said_by_client(&object).map(|_| ())
        }
        _ => Ok(()),
    }
}

async fn close(write: &mut WriteHalf<Stream>, code: u16, reason: &str) -> io::Result<()> {
    let payload = encode_close(CloseCode(code), reason.as_bytes());
    frames::write(write, &FrameHeader::close(payload.len()), &payload).await
}

/// Hands on what the client says until it leaves, or nobody listens.
async fn listen(mut read: ReadHalf<Stream>, tell: mpsc::Sender<Frame>) -> io::Result<()> {
    while let Some(frame) = frames::read(&mut read).await? {
        let is_last = frame.header.opcode == Opcode::Close;
        if tell.send(frame).await.is_err() || is_last {
            break;
        }
    }
    Ok(())
}

/// Counts a websocket for as long as it is open.
struct Open<'a> {
    hub: &'a Hub,
    number: u64,
}

impl<'a> Open<'a> {
    fn of(hub: &'a Hub) -> Self {
        let mut counts = hub.counts();
        counts.connections += 1;
        counts.open += 1;
        let number = counts.connections;
        drop(counts);
        Self { hub, number }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.hub.counts().open -= 1;
    }
}

/// The library closes on longer messages.
const INBOUND_BYTES_MAX: usize = 512;
/// Nine tenths of the library's wait for a pong.
const PING_EVERY: Duration = Duration::from_secs(54);
/// What a client may say ahead of being heard.
const FRAMES_MAX: usize = 64;
