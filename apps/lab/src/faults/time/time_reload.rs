//! A proxy that is reloaded while connections are open: all of them end at that moment.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter};
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "time-reload",
    summary: "cuts all connections 4 s after the third one opened",
    causes: &["time-reload"],
    kind: Kind::Middlebox,
    check: &["--echo", "--idle", "10"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let looker = || -> Box<dyn Filter> {
        // The first ones are over before anybody watches how long connections live.
        let end = (lab.count() >= SPARED).then(|| lab.since_first() + lab.period(AFTER));
        let now = Instant::now();
        Box::new(Looker {
            end: end.filter(|end| *end > now),
        })
    };
    filter::serve(stream, &lab, looker).await
}

struct Looker {
    end: Option<Instant>,
}

impl Filter for Looker {
    fn deadline(&self) -> Option<Instant> {
        self.end
    }

    fn expired(&mut self) -> Act {
        Act::Cut
    }
}

/// Connections that are not counted.
const SPARED: u64 = 2;
/// From the first connection counted to the moment of the end.
const AFTER: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn all_end_at_one_moment() {
        let running = running("time-reload").await;
        let mut clients = Vec::new();
        for _ in 0..4 {
            let mut client = Client::of(&running).await;
            assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
            clients.push(client);
        }
        for client in &mut clients[2..] {
            assert!(client.rest().await.unwrap().is_empty());
        }
        assert!(clients[0].is_silent().await);
        running.stop().await;
    }
}
