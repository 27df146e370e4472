//! A proxy that removes the extension from the answer only: the server compresses, the client knows of nothing.

use std::io;
use std::sync::Arc;

use towpath_websocket::FrameHeader;
use towpath_websocket::deflate::Deflater;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "frame-deflate-path",
    summary: "hides from the client that the server compresses",
    causes: &["frame-deflate-path"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut client: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let hide = |response: &mut crate::response::Response| {
        response.remove("sec-websocket-extensions");
    };
    let Some(upstream) = relay::exchange_with(&mut client, &lab, |_| {}, hide).await? else {
        return client.finish().await;
    };
    let looker = Looker {
        deflater: Deflater::new(false, 15),
    };
    filter::run(client, upstream, Box::new(looker)).await
}

/// Compresses what the server sends, as a server does that believes in the agreement.
struct Looker {
    deflater: Deflater,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Up || !frame.is_data() || !frame.header.fin {
            return Act::Pass;
        }
        let Some(payload) = self.deflater.deflate(&frame.payload) else {
            return Act::Pass;
        };
        let header = FrameHeader::new(frame.header.opcode, payload.len()).compressed();
        Act::Replace(Passing { header, payload }.bytes())
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_echo_is_compressed_and_nobody_said_so() {
        let running = running("frame-deflate-path").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        let text = "towpath ".repeat(8);
        client
            .send_frame(FrameHeader::text(text.len()), text.as_bytes())
            .await;
        assert_eq!(client.bytes(1).await.unwrap(), [0xc1]);
        running.stop().await;
    }
}
