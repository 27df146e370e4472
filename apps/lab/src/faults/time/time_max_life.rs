//! A hop that ends every connection at one age.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter};

pub(crate) const FAULT: Fault = Fault {
    name: "time-max-life",
    summary: "ends every connection at the age of 4 s",
    causes: &["time-max-life"],
    kind: Kind::Middlebox,
    check: &["--echo", "--idle", "10"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move {
            filter::serve(stream, &lab, || {
                Box::new(Looker {
                    end: Instant::now() + lab.period(LIFE),
                })
            })
            .await
        })
    }),
    ..Fault::PLAIN
};

struct Looker {
    end: Instant,
}

impl Filter for Looker {
    fn deadline(&self) -> Option<Instant> {
        Some(self.end)
    }

    fn expired(&mut self) -> Act {
        Act::Cut
    }
}

/// The age at which it ends.
const LIFE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn age_ends_it() {
        let running = running("time-max-life").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("text").await.unwrap();
        assert!(client.rest().await.unwrap().is_empty());
        running.stop().await;
    }
}
