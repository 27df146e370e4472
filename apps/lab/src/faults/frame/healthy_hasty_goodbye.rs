//! A healthy server that hangs up at a close frame instead of answering it.

use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-hasty-goodbye",
    summary: "hangs up at a close frame without answering it",
    context: &["frame-close-race"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::new(Looker)).await })
    }),
    ..Fault::PLAIN
};

struct Looker;

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Up && frame.header.opcode == Opcode::Close {
            Act::Cut
        } else {
            Act::Pass
        }
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_close_is_answered_by_the_end() {
        let running = running("healthy-hasty-goodbye").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("text").await.unwrap();
        client.send_frame(FrameHeader::close(0), b"").await;
        assert!(client.rest().await.unwrap().is_empty());
        running.stop().await;
    }
}
