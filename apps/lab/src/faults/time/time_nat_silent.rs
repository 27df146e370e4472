//! A router that forgets a silent connection and tells nobody.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, PERIOD, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "time-nat-silent",
    summary: "forgets a connection after 2.5 s of silence and tells nobody",
    causes: &["time-nat-silent"],
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
    fn frame(&mut self, _: Way, _: &Passing) -> Act {
        self.last = Instant::now();
        Act::Pass
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.last + self.period)
    }

    fn expired(&mut self) -> Act {
        Act::Freeze
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn after_the_silence_nothing_passes() {
        let running = running("time-nat-silent").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("text").await.unwrap();
        tokio::time::sleep(crate::filter::PERIOD * 2).await;
        client.send_frame(FrameHeader::ping(0), b"").await;
        assert!(client.is_silent().await);
        running.stop().await;
    }
}
