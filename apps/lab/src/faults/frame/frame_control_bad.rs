//! A server whose pongs are longer than control frames may be.

use towpath_websocket::{FrameHeader, Opcode};

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-control-bad",
    summary: "answers a ping with 126 bytes",
    causes: &["frame-control-bad"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::new(Looker)).await })
    }),
    ..Fault::PLAIN
};

struct Looker;

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Down && frame.header.opcode == Opcode::Pong {
            let long = Passing {
                header: FrameHeader::pong(LONG_BYTES),
                payload: vec![b'x'; LONG_BYTES],
            };
            Act::Replace(long.bytes())
        } else {
            Act::Pass
        }
    }
}

/// One byte more than a control frame may hold.
const LONG_BYTES: usize = 126;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_pong_is_too_long() {
        let running = running("frame-control-bad").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert_eq!(client.bytes(4).await.unwrap(), [0x8a, 126, 0, 126]);
        running.stop().await;
    }
}
