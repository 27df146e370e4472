//! A server that gives up clients it takes for slow: many messages wait, and it closes.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-slow-consumer",
    summary: "closes with 1008 when many messages wait",
    causes: &["frame-slow-consumer"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::<Looker>::default()).await })
    }),
    ..Fault::PLAIN
};

/// Remembers when the last messages came.
#[derive(Default)]
struct Looker {
    last: Vec<Instant>,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Up && frame.is_data() {
            let now = Instant::now();
            self.last.push(now);
            self.last.retain(|then| now - *then < WINDOW);
            if self.last.len() > QUEUE_MAX {
                return Act::Close(1008, "slow consumer, send queue full");
            }
        }
        Act::Pass
    }
}

/// Messages that may wait.
const QUEUE_MAX: usize = 15;
/// For how long a message waits.
const WINDOW: Duration = Duration::from_millis(60);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_burst_fills_the_queue() {
        let running = running("frame-slow-consumer").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        for _ in 0..20 {
            client.send_frame(FrameHeader::text(0), b"").await;
        }
        let all = client.rest().await.unwrap();
        assert!(String::from_utf8_lossy(&all).ends_with("send queue full"));
        running.stop().await;
    }
}
