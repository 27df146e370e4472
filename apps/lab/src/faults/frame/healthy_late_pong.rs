//! A healthy server that is slow to answer pings.

use std::time::Duration;

use tokio::time::Instant;
use towpath_websocket::Opcode;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-late-pong",
    summary: "answers pings after two seconds",
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(
            async move { filter::serve(stream, &lab, || Box::new(Looker { pong: None })).await },
        )
    }),
    ..Fault::PLAIN
};

struct Looker {
    pong: Option<(Instant, Vec<u8>)>,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Down && frame.header.opcode == Opcode::Pong {
            self.pong = Some((Instant::now() + LATE, frame.bytes()));
            Act::Drop
        } else {
            Act::Pass
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.pong.as_ref().map(|(due, _)| *due)
    }

    fn expired(&mut self) -> Act {
        match self.pong.take() {
            Some((_, bytes)) => Act::Replace(bytes),
            None => Act::Pass,
        }
    }
}

/// How late the pong is.
const LATE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_pong_comes_late() {
        let running = running("healthy-late-pong").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert!(client.is_silent().await);
        assert_eq!(client.bytes(2).await.unwrap(), [0x8a, 0]);
        running.stop().await;
    }
}
