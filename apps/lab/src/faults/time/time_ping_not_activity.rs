//! A hop that ends connections without messages; pings do not count.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, PERIOD, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "time-ping-not-activity",
    summary: "ends a connection after 2.5 s without messages, pings or not",
    causes: &["time-ping-not-activity"],
    kind: Kind::Middlebox,
    check: &["--echo", "--idle", "10"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move {
            filter::serve(stream, &lab, || {
                Box::new(Looker {
                    last: Instant::now(),
                    period: lab.period(PERIOD),
                })
            })
            .await
        })
    }),
    ..Fault::PLAIN
};

struct Looker {
    last: Instant,
    period: Duration,
}

impl Filter for Looker {
    fn frame(&mut self, _: Way, frame: &Passing) -> Act {
        if frame.is_data() {
            self.last = Instant::now();
        }
        Act::Pass
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.last + self.period)
    }

    fn expired(&mut self) -> Act {
        Act::Cut
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_ping_does_not_help() {
        let running = running("time-ping-not-activity").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert_eq!(client.rest().await.unwrap(), [0x8a, 0]);
        running.stop().await;
    }
}
