//! A server that accepts only pages of its own site; a missing Origin is refused too.

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
    name: "http-403-origin",
    summary: "a server that accepts its own Origin only",
    causes: &["http-403-origin"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if is_own_site(&request) {
            return echo::serve(stream, &request).await;
        }
        Answer::new(403)
            .dated()
            .text("Forbidden")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// Whether the Origin names the host that was asked.
fn is_own_site(request: &Request) -> bool {
    let origin = request
        .header("origin")
        .and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, authority)| Some(authority) == request.header("host"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn lets_in_only_its_own_site() {
        let answer = ask("http-403-origin", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert_status(
            "http-403-origin",
            &handshake_with("Origin: http://localhost"),
            101,
        )
        .await;
    }

    #[tokio::test]
    async fn other_sites_stay_out() {
        assert_status(
            "http-403-origin",
            &handshake_with("Origin: https://elsewhere.test"),
            403,
        )
        .await;
        assert_status("http-403-origin", &handshake_with("Origin: null"), 403).await;
    }
}
