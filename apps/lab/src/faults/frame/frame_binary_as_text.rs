//! A gateway that marks every message as text.

use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-binary-as-text",
    summary: "marks binary messages as text",
    causes: &["frame-binary-as-text"],
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
        if way == Way::Up && frame.header.opcode == Opcode::Binary {
            let mut changed = frame.clone();
            changed.header.opcode = Opcode::Text;
            Act::Replace(changed.bytes())
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
    async fn binary_comes_back_as_text() {
        let running = running("frame-binary-as-text").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::binary(1), b"\xff").await;
        assert_eq!(client.bytes(3).await.unwrap(), [0x81, 1, 0xff]);
        running.stop().await;
    }
}
