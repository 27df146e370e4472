//! A hop that ends connections on which nothing passes.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, PERIOD, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "time-idle",
    summary: "ends a connection after 2.5 s of silence",
    causes: &["time-idle"],
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
        Act::Cut
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn silence_ends_it() {
        let running = running("time-idle").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("text").await.unwrap();
        assert!(client.rest().await.unwrap().is_empty());
        running.stop().await;
    }
}
