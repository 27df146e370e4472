//! A server that masks its frames, as only a client may.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-unmasked",
    summary: "masks the frames of the server",
    causes: &["frame-unmasked"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::new(Looker)).await })
    }),
    ..Fault::PLAIN
};

struct Looker;

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Down {
            let mut changed = frame.clone();
            changed.header = changed.header.masked([1, 2, 3, 4]);
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
    async fn the_answer_is_masked() {
        let running = running("frame-unmasked").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert_eq!(client.bytes(6).await.unwrap(), [0x8a, 0x80, 1, 2, 3, 4]);
        running.stop().await;
    }
}
