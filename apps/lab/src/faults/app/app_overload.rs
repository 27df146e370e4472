//! A server so busy that each frame waits two seconds for its turn.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use towpath_websocket::{FrameHeader, Opcode};

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "app-overload",
    summary: "takes two seconds for each frame",
    causes: &["app-overload"],
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request).write(&mut stream).await?;
    while let Some(frame) = frames::read(&mut stream).await? {
        tokio::time::sleep(TURN).await;
        let header = match frame.header.opcode {
            Opcode::Ping => FrameHeader::pong(frame.payload.len()),
            _ => frame.returned(),
        };
        frames::write(&mut stream, &header, &frame.payload).await?;
        if frame.header.opcode == Opcode::Close {
            break;
        }
    }
    stream.finish().await
}

/// How long a frame waits.
const TURN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn each_answer_takes_its_time() {
        let running = running("app-overload").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert!(client.is_silent().await);
        assert_eq!(client.bytes(2).await.unwrap(), [0x8a, 0]);
        running.stop().await;
    }
}
