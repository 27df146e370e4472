//! A server that answers a subprotocol nobody offered.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-subproto-bad",
    summary: "a 101 with a subprotocol that was not offered",
    causes: &["http-subproto-bad"],
    check: &["--subprotocol", "chat"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request)
        .header("Sec-WebSocket-Protocol", "soap")
        .write(&mut stream)
        .await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask("http-subproto-bad", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("Sec-WebSocket-Protocol: soap"), "{answer}");
        assert_status("http-subproto-bad", GET_PAGE, 200).await;
    }
}
