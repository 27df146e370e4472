//! A service whose plan allows no more connections.

use std::io;
use std::sync::Arc;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "app-license-limit",
    summary: "closes with 4004 because a quota is used up",
    causes: &["app-license-limit"],
    path: "/app/key?protocol=7",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    echo::accept(&request).write(&mut stream).await?;
    frames::close(stream, 4004, "application is over connection quota").await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn closes_for_the_quota() {
        let running = running("app-license-limit").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        assert_eq!(
            client.bytes(40).await.unwrap(),
            b"\x88&\x0f\xa4application is over connection quota"
        );
        running.stop().await;
    }
}
