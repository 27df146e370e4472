//! A server that gives up at compressed messages above a limit.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-deflate-limits",
    summary: "closes with 1009 at compressed frames over 500 bytes",
    causes: &["frame-deflate-limits"],
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
        if way == Way::Up && frame.header.rsv1 && frame.payload.len() > COMPRESSED_BYTES_MAX {
            Act::Close(1009, "")
        } else {
            Act::Pass
        }
    }
}

/// The largest compressed frame that is accepted, in bytes.
const COMPRESSED_BYTES_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn only_a_compressed_frame_is_refused() {
        let running = running("frame-deflate-limits").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::binary(600), &[0; 600]).await;
        client.bytes(604).await.unwrap();
        client
            .send_frame(FrameHeader::binary(600).compressed(), &[0; 600])
            .await;
        assert_eq!(client.rest().await.unwrap(), [0x88, 2, 0x03, 0xf1]);
        running.stop().await;
    }
}
