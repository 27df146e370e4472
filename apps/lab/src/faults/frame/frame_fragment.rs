//! A server that does not know messages in several frames.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-fragment",
    summary: "closes with 1002 at a message in several frames",
    causes: &["frame-fragment"],
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
        if way == Way::Up && frame.is_data() && !frame.header.fin {
            Act::Close(1002, "")
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
    async fn a_fragment_is_refused() {
        let running = running("frame-fragment").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("whole").await.unwrap();
        client
            .send_frame(FrameHeader::text(2).unfinished(), b"ha")
            .await;
        assert_eq!(client.rest().await.unwrap(), [0x88, 2, 0x03, 0xea]);
        running.stop().await;
    }
}
