//! A hop loses the first message, and the application does not wait for ever.

use std::time::Duration;

use tokio::time::Instant;

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "app-init-timeout",
    summary: "loses the first message; the application closes with 4408",
    causes: &["app-init-timeout"],
    kind: Kind::Middlebox,
    check: &["--subprotocol", "graphql-transport-ws"],
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move {
            filter::serve(stream, &lab, || {
                Box::new(Looker {
                    opened: Instant::now(),
                })
            })
            .await
        })
    }),
    ..Fault::PLAIN
};

struct Looker {
    opened: Instant,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Up && frame.is_data() {
            Act::Drop
        } else {
            Act::Pass
        }
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.opened + WAIT)
    }

    fn expired(&mut self) -> Act {
        Act::Close(4408, "Connection initialisation timeout")
    }
}

/// How long the application waits.
const WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn closes_when_no_message_came() {
        let running = running("app-init-timeout").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::text(2), b"{}").await;
        let all = client.rest().await.unwrap();
        assert!(String::from_utf8_lossy(&all).ends_with("initialisation timeout"));
        running.stop().await;
    }
}
