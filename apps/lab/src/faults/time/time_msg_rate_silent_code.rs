//! A server that limits messages and closes with a bare 1013.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "time-msg-rate-silent-code",
    summary: "closes with a bare 1013 at more than 15 messages in 300 ms",
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
                return Act::Close(1013, "");
            }
        }
        Act::Pass
    }
}

/// Messages that are accepted within the window.
const MESSAGES_MAX: usize = 15;
/// The window.
const WINDOW: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_burst_is_too_much() {
        let running = running("time-msg-rate-silent-code").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        for _ in 0..16 {
            client.send_frame(FrameHeader::text(0), b"").await;
        }
        assert!(
            client
                .rest()
                .await
                .unwrap()
                .ends_with(&[0x88, 2, 0x03, 0xf5])
        );
        running.stop().await;
    }
}
