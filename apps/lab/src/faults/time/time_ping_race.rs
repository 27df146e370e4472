//! A server that pings as seldom as a hop cuts: now one, now the other is first.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use towpath_websocket::FrameHeader;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "time-ping-race",
    summary: "cuts about when the next heartbeat of the server is due",
    causes: &["time-ping-race"],
    kind: Kind::Middlebox,
    check: &["--echo", "--idle", "10"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let looker = || -> Box<dyn Filter> {
        Box::new(Looker {
            last: Instant::now(),
            beat: lab.period(BEAT),
            left: 1 + lab.count() % 2,
        })
    };
    filter::serve(stream, &lab, looker).await
}

struct Looker {
    last: Instant,
    beat: Duration,
    /// Heartbeats that still come in time.
    left: u64,
}

impl Filter for Looker {
    fn frame(&mut self, _: Way, _: &Passing) -> Act {
        self.last = Instant::now();
        Act::Pass
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.last + self.beat)
    }

    fn expired(&mut self) -> Act {
        self.last = Instant::now();
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                let ping = Passing {
                    header: FrameHeader::ping(0),
                    payload: Vec::new(),
                };
                Act::Replace(ping.bytes())
            }
            None => Act::Cut,
        }
    }
}

/// The time between two heartbeats, and about the idle timeout.
const BEAT: Duration = Duration::from_millis(1_500);

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn some_heartbeats_come_in_time() {
        let running = running("time-ping-race").await;
        let mut beats = Vec::new();
        for _ in 0..2 {
            let mut client = Client::of(&running).await;
            assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
            beats.push(client.rest().await.unwrap().len() / 2);
        }
        assert_eq!(beats, [1, 2]);
        running.stop().await;
    }
}
