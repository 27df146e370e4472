//! A server that limits handshakes: after the first refusal it wants a pause of a second.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-429",
    summary: "a server that wants a pause before the next handshake",
    causes: &["http-429"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if lab.refusing_since().elapsed() >= PAUSE {
            return echo::serve(stream, &request).await;
        }
        let seconds = PAUSE.as_secs().to_string();
        Answer::new(429)
            .dated()
            .header("Retry-After", &seconds)
            .text("Too Many Requests")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// How long after the first refusal handshakes are accepted again.
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test(start_paused = true)]
    async fn lets_in_after_the_pause() {
        let running = running("http-429").await;
        let mut client = Client::of(&running).await;
        let answer = client.ask(HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
        assert!(answer.contains("Retry-After: 1\r\n"), "{answer}");
        tokio::time::advance(super::PAUSE).await;
        let answer = Client::of(&running).await.ask(HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        running.stop().await;
    }
}
