//! Two nodes without stickiness: every other handshake lands on the one that has no such session.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-sticky",
    summary: "two nodes of which only one knows the session",
    causes: &["http-sticky"],
    path: "/socket.io/?EIO=4&transport=websocket&sid=lab",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if lab.count() % 2 == 1 {
            return echo::serve(stream, &request).await;
        }
        Answer::new(400)
            .dated()
            .json(UNKNOWN)
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// What Engine.IO says of a session it does not know.
const UNKNOWN: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn every_other_handshake_fails() {
        let running = running("http-sticky").await;
        for status in ["400", "101", "400", "101"] {
            let answer = Client::of(&running).await.ask(HANDSHAKE).await;
            assert_eq!(answer.split(' ').nth(1), Some(status));
        }
        running.stop().await;
    }
}
