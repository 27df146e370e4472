//! A hop that eats pings and lets messages pass.

use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-ping-ignored",
    summary: "eats pings and lets messages pass",
    causes: &["frame-ping-ignored"],
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
        if way == Way::Up && frame.header.opcode == Opcode::Ping {
            Act::Drop
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
    async fn messages_pass_and_pings_do_not() {
        let running = running("frame-ping-ignored").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(2), b"hi").await;
        assert!(client.is_silent().await);
        client.echo("text").await.unwrap();
        running.stop().await;
    }
}
