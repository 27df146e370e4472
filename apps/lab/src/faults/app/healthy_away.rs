//! A healthy server that says goodbye because it stops.

use std::io;
use std::sync::Arc;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-away",
    summary: "says goodbye with 1001",
    context: &["app-away-1001"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    echo::accept(&request).write(&mut stream).await?;
    frames::close(stream, 1001, "").await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn says_goodbye() {
        let running = running("healthy-away").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        assert_eq!(client.bytes(4).await.unwrap(), b"\x88\x02\x03\xe9");
        running.stop().await;
    }
}
