//! A device that drops frames of more than 8 KiB and lets the rest pass.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-big-silent",
    summary: "drops frames over 8 KiB without a word",
    causes: &["frame-big-silent"],
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
            Act::Drop
        } else {
            Act::Pass
        }
    }
}

/// The largest frame that passes, in bytes.
const FRAME_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_large_frame_is_gone_and_the_next_one_passes() {
        let running = running("frame-big-silent").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client
            .send_frame(FrameHeader::binary(9000), &[0; 9000])
            .await;
        assert!(client.is_silent().await);
        client.echo("small").await.unwrap();
        running.stop().await;
    }
}
