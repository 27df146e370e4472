//! One open WebSocket: the handshake's answer, and reading in a task's half of its own, so that no frame is left half read.

use std::future::pending;
use std::io;

use tokio::io::{ReadHalf, split};
use tokio::sync::mpsc;
use towpath_websocket::Opcode;

use crate::answer::Answer;
use crate::frames::{self, Frame};
use crate::request::Request;
use crate::stream::Stream;

use super::house::House;
use super::talk::Talk;

/// Accepts a handshake that passed the gates, and serves the socket until one end leaves.
pub(super) async fn serve(mut stream: Stream, request: &Request, house: &House) -> io::Result<()> {
    let mut answer = Answer::switching(request)
        .header("server", "Cowboy")
        .header("via", "1.1 Caddy");
    let own = house.dialect.subprotocol();
    if request.lists("sec-websocket-protocol", own) {
        answer = answer.header("sec-websocket-protocol", own);
    }
    // Whatever happens from the first byte on is heard.
    let happenings = house.listen();
    answer.write(&mut stream).await?;
    let _open = Open::of(house);
    let (read, write) = split(stream);
    let (tell, told) = mpsc::channel(FRAMES_MAX);
    let reading = async {
        // How the peer left shows in the end of its frames.
        let _ = listen(read, tell).await;
        pending::<()>().await;
    };
    let talking = Talk::new(house, write).run(told, happenings);
    tokio::select! {
        done = talking => done,
        () = reading => Ok(()),
    }
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

/// Counts a connection for as long as it is open.
struct Open<'a>(&'a House);

impl<'a> Open<'a> {
    fn of(house: &'a House) -> Self {
        let mut counts = house.counts();
        counts.connections += 1;
        counts.open += 1;
        Self(house)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.counts().open -= 1;
    }
}

/// What a client may say ahead of being heard.
const FRAMES_MAX: usize = 64;
