//! A hop that cuts the connection at frames of more than 8 KiB, without a word.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-too-big-cut",
    summary: "cuts the connection at frames over 8 KiB",
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
            Act::Reset
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
    async fn a_large_frame_is_answered_by_a_reset() {
        let running = running("frame-too-big-cut").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("small").await.unwrap();
        client
            .send_frame(FrameHeader::binary(9000), &[0; 9000])
            .await;
        assert!(client.rest().await.is_err());
        running.stop().await;
    }
}
