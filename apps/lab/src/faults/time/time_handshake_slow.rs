//! A server that takes its time with the handshake: others have to be asked first.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "time-handshake-slow",
    summary: "answers the handshake after 3.5 s and pages at once",
    causes: &["time-handshake-slow"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    tokio::time::sleep(lab.period(DELAY)).await;
    echo::serve(stream, &request).await
}

/// How long the handshake takes.
const DELAY: Duration = Duration::from_millis(3_500);

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_answer_comes_in_the_end() {
        let running = running("time-handshake-slow").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.echo("text").await.unwrap();
        running.stop().await;
    }
}
