//! A server that refuses frames of more than 8 KiB, and says so.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-too-big",
    summary: "closes with 1009 at frames over 8 KiB",
    causes: &["frame-too-big"],
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
        if way == Way::Up && frame.payload.len() > FRAME_BYTES_MAX {
            Act::Close(1009, "")
        } else {
            Act::Pass
        }
    }
}

/// The largest frame that is accepted, in bytes.
const FRAME_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_large_frame_is_answered_by_1009() {
        let running = running("frame-too-big").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("small").await.unwrap();
        client
            .send_frame(FrameHeader::binary(9000), &[0; 9000])
            .await;
        assert_eq!(client.rest().await.unwrap(), [0x88, 2, 0x03, 0xf1]);
        running.stop().await;
    }
}
