//! A server whose authentication hangs: the handshake is never answered, pages are.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-504-hang",
    summary: "a server that never answers the handshake",
    causes: &["http-504-hang"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    match origin::next_upgrade(&mut stream).await? {
        Some(_) => stream.hold().await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, GET_PAGE, HANDSHAKE, assert_status, running};

    #[tokio::test]
    async fn the_handshake_gets_no_byte_and_the_page_does() {
        let running = running("http-504-hang").await;
        let mut client = Client::of(&running).await;
        client.send(HANDSHAKE).await;
        assert!(client.is_silent().await);
        running.stop().await;
        assert_status("http-504-hang", GET_PAGE, 200).await;
    }
}
