//! A server that redirects the path without a slash, which browsers do not follow for WebSocket.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-redirect",
    summary: "a server that redirects to the path with a slash",
    causes: &["http-redirect"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        if request.target == "/socket" {
            Answer::new(301)
                .dated()
                .header("Location", "/socket/")
                .html("Moved")
                .write(&mut stream)
                .await?;
        } else if request.is_handshake() {
            return echo::serve(stream, &request).await;
        } else {
            origin::page(&request).write(&mut stream).await?;
        }
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn the_location_leads_in() {
        let answer = ask("http-redirect", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 301 "), "{answer}");
        assert!(answer.contains("Location: /socket/\r\n"), "{answer}");
        assert_status(
            "http-redirect",
            &HANDSHAKE.replace("/socket ", "/socket/ "),
            101,
        )
        .await;
    }
}
