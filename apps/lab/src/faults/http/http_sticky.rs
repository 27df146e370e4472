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
    path: "/socket?session=lab",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if lab.count() % 2 == 1 {
            return echo::serve(stream, &request).await;
        }
        Answer::new(404)
            .dated()
            .text("Session not found")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn every_other_handshake_fails() {
        let running = running("http-sticky").await;
        for status in ["404", "101", "404", "101"] {
            let answer = Client::of(&running).await.ask(HANDSHAKE).await;
            assert_eq!(answer.split(' ').nth(1), Some(status));
        }
        running.stop().await;
    }
}
