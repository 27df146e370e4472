//! A server that speaks first, behind a hop that loses what comes together with every second 101.

use std::io;
use std::sync::Arc;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "frame-server-first-lost",
    summary: "loses the first words of the server every second time",
    causes: &["frame-server-first-lost"],
    check: &["--expect", "welcome"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    echo::accept(&request).write(&mut stream).await?;
    if lab.count().is_multiple_of(2) {
        frames::write_text(&mut stream, "welcome").await?;
    }
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn every_second_greeting_is_lost() {
        let running = running("frame-server-first-lost").await;
        let mut greeted = Vec::new();
        for _ in 0..2 {
            let mut client = Client::of(&running).await;
            assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
            greeted.push(!client.is_silent().await);
        }
        assert_eq!(greeted, [true, false]);
        running.stop().await;
    }
}
