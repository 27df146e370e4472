//! A server that answers an extension nobody offered.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-ext-bad",
    summary: "a 101 with an extension that was not offered",
    causes: &["http-ext-bad"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request)
        .header("Sec-WebSocket-Extensions", "x-webkit-deflate-frame")
        .write(&mut stream)
        .await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask("http-ext-bad", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("x-webkit-deflate-frame"), "{answer}");
        assert_status("http-ext-bad", GET_PAGE, 200).await;
    }
}
