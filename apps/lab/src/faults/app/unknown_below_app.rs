//! A cut in the middle of the conversation that nothing explains.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "unknown-below-app",
    summary: "cuts the connection without a word after four messages",
    causes: &["unknown-below-app"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::<Looker>::default()).await })
    }),
    ..Fault::PLAIN
};

#[derive(Default)]
struct Looker {
    messages: u32,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Up && frame.is_data() {
            self.messages += 1;
            if self.messages > MESSAGES_MAX {
                return Act::Cut;
            }
        }
        Act::Pass
    }
}

/// Messages that pass.
const MESSAGES_MAX: u32 = 4;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_fifth_message_is_one_too_many() {
        let running = running("unknown-below-app").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        for _ in 0..4 {
            client.echo("text").await.unwrap();
        }
        client.send_frame(FrameHeader::text(0), b"").await;
        assert!(client.rest().await.unwrap().is_empty());
        running.stop().await;
    }
}
