//! Makes a WebSocket to a browser look like its debugging pipe.
//!
//! Each text message of the one is a message ended by NUL of the other; JSON never holds that byte. Moves messages and
//! must not look into them.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use towpath_websocket::{Connection as Frames, Event, Limits, Role, Severity};

use crate::pipe::{MessageReader, MessageWriter};
use crate::protocol::{Connection, MESSAGE_BYTES_MAX};

/// The connection over a WebSocket whose handshake is done. Its two tasks end with either side.
pub(super) fn over_websocket(stream: TcpStream) -> Connection {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    let (from_us, to_us) = tokio::io::split(far);
    let (from_browser, to_browser) = stream.into_split();
    let (pongs, pongs_due) = mpsc::channel(PONGS_QUEUED_MAX);
    tokio::spawn(async move {
        let outgoing = send_all(from_us, to_browser, pongs_due);
        let incoming = receive_all(from_browser, to_us, pongs);
        // Whichever ends first takes the other with it, and both streams.
        tokio::select! {
            () = outgoing => {}
            () = incoming => {}
        }
    });
    let (reader, writer) = tokio::io::split(near);
    Connection::new(Box::new(reader), Box::new(writer))
}

async fn send_all(
    from_us: ReadHalf<DuplexStream>,
    mut to_browser: OwnedWriteHalf,
    mut pongs: mpsc::Receiver<Vec<u8>>,
) {
    let mut calls = MessageReader::new(Box::new(from_us), MESSAGE_BYTES_MAX);
    let mut frames = Frames::new(Role::Client, limits(), None);
    loop {
        let mut wire = Vec::new();
        tokio::select! {
            // Pongs are owed already when the next call is made.
            biased;
            Some(ping) = pongs.recv() => {
                let _ = frames.send_pong(&ping, mask_key, &mut wire);
            }
            call = calls.next() => {
                let Ok(Some(call)) = call else {
                    let _ = frames.send_close(None, "", mask_key, &mut wire);
                    let _ = to_browser.write_all(&wire).await;
                    return;
                };
                let text = String::from_utf8_lossy(&call);
                let _ = frames.send_text(&text, mask_key, &mut wire);
            }
        }
        if to_browser.write_all(&wire).await.is_err() {
            return;
        }
    }
}

async fn receive_all(
    mut from_browser: OwnedReadHalf,
    to_us: WriteHalf<DuplexStream>,
    pongs: mpsc::Sender<Vec<u8>>,
) {
    let mut answers = MessageWriter::new(Box::new(to_us));
    let mut frames = Frames::new(Role::Client, limits(), None);
    let mut chunk = vec![0; READ_BYTES];
    let mut events = Vec::new();
    loop {
        let Ok(count @ 1..) = from_browser.read(&mut chunk).await else {
            return;
        };
        frames.feed_into(&chunk[..count], &mut events);
        for event in events.drain(..) {
            match event {
                Event::Message { message, .. } => {
                    if answers.send(message.payload).await.is_err() {
                        return;
                    }
                }
                // A browser that pings faster than we write waits for no further pong.
                Event::Ping(payload) => drop(pongs.try_send(payload)),
                Event::Pong(_) => {}
                Event::Close { .. } | Event::Deviation { .. } | Event::OverLimit { .. } => return,
            }
        }
    }
}

fn limits() -> Limits {
    Limits {
        message_bytes_max: MESSAGE_BYTES_MAX,
        stop_at: Some(Severity::MustFail),
        ..Limits::default()
    }
}

fn mask_key() -> [u8; 4] {
    let mut key = [0; 4];
    getrandom::fill(&mut key).expect("the system has random bytes");
    key
}

const PIPE_BYTES: usize = 256 * 1024;
const READ_BYTES: usize = 64 * 1024;
const PONGS_QUEUED_MAX: usize = 16;
