//! A path on which full segments are lost: what needs one is sent again for ever, and holds up the rest.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-mtu-blackhole",
    summary: "hangs for good at the first frame that fills a segment",
    causes: &["tcp-mtu-blackhole"],
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
        if way == Way::Up && frame.bytes().len() > SEGMENT_BYTES_MAX {
            Act::Freeze
        } else {
            Act::Pass
        }
    }
}

/// What a tunnel with a short segment still carries, in bytes.
const SEGMENT_BYTES_MAX: usize = 1_360;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_full_segment_stops_everything() {
        let running = running("tcp-mtu-blackhole").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("small").await.unwrap();
        client
            .send_frame(FrameHeader::binary(1400), &[0; 1400])
            .await;
        client.send_frame(FrameHeader::text(5), b"small").await;
        assert!(client.is_silent().await);
        running.stop().await;
    }
}
