//! A server that accepts no more than 25 messages in a second.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "time-msg-rate",
    summary: "closes with 1008 at more than 25 messages in a second",
    causes: &["time-msg-rate"],
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
            if self.last.len() > MESSAGES_MAX {
                return Act::Close(1008, "rate limit exceeded");
            }
        }
        Act::Pass
    }
}

/// Messages that are accepted within the window.
const MESSAGES_MAX: usize = 25;
/// The window.
const WINDOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_burst_is_too_much() {
        let running = running("time-msg-rate").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        for _ in 0..26 {
            client.send_frame(FrameHeader::text(0), b"").await;
        }
        let all = client.rest().await.unwrap();
        assert!(String::from_utf8_lossy(&all).ends_with("rate limit exceeded"));
        running.stop().await;
    }
}
