//! A scanner that damages the first byte of frames.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-rsv",
    summary: "sets a reserved bit in the frames of the server",
    causes: &["frame-rsv"],
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
            changed.header.rsv3 = true;
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
    async fn a_reserved_bit_is_set() {
        let running = running("frame-rsv").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert_eq!(client.bytes(2).await.unwrap(), [0x9a, 0]);
        running.stop().await;
    }
}
