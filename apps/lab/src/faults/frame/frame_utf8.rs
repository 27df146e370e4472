//! A server whose texts are not UTF-8.

use std::io;
use std::sync::Arc;

use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "frame-utf8",
    summary: "sends text that is not UTF-8",
    causes: &["frame-utf8"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut client: Stream, lab: Arc<Lab>) -> io::Result<()> {
    // Without compression, so that each text is on the wire as it is.
    let plain = |request: &mut Request| request.remove("sec-websocket-extensions");
    match relay::exchange(&mut client, &lab, plain).await? {
        Some(upstream) => filter::run(client, upstream, Box::new(Looker)).await,
        None => client.finish().await,
    }
}

struct Looker;

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Down && frame.header.opcode == Opcode::Text {
            let mut changed = frame.clone();
            if let Some(last) = changed.payload.last_mut() {
                *last = 0xff;
            }
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
    async fn the_last_byte_is_no_text() {
        let running = running("frame-utf8").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::text(2), b"hi").await;
        assert_eq!(client.bytes(4).await.unwrap(), [0x81, 2, b'h', 0xff]);
        running.stop().await;
    }
}
