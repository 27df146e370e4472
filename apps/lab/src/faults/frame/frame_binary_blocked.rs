//! A device that lets text pass and drops binary messages.

use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-binary-blocked",
    summary: "lets text pass and drops binary messages",
    causes: &["frame-binary-blocked"],
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
        let is_binary = frame.header.opcode == Opcode::Binary;
        if way == Way::Up && is_binary {
            Act::Drop
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
    async fn text_passes_and_binary_does_not() {
        let running = running("frame-binary-blocked").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::binary(2), b"hi").await;
        assert!(client.is_silent().await);
        client.echo("text").await.unwrap();
        running.stop().await;
    }
}
