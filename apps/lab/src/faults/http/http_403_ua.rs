//! A server that lets in only what calls itself a browser.

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
    name: "http-403-ua",
    summary: "a server that refuses User-Agents other than browsers",
    causes: &["http-403-ua"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let is_browser = request
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("Mozilla/"));
        if !is_browser {
            Answer::new(403)
                .dated()
                .text("Forbidden")
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
    use crate::testing::{HANDSHAKE, assert_status, handshake_with};

    #[tokio::test]
    async fn lets_in_only_browsers() {
        assert_status("http-403-ua", HANDSHAKE, 403).await;
        assert_status(
            "http-403-ua",
            &handshake_with("User-Agent: towpath/0.1"),
            403,
        )
        .await;
        assert_status(
            "http-403-ua",
            &handshake_with("User-Agent: Mozilla/5.0 (X11)"),
            101,
        )
        .await;
    }
}
