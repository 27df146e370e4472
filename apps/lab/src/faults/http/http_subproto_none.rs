//! A server that accepts but leaves out the choice of a subprotocol.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-subproto-none",
    summary: "a 101 without the subprotocol that was offered",
    causes: &["http-subproto-none"],
    check: &["--subprotocol", "chat"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request).write(&mut stream).await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask(
            "http-subproto-none",
            &handshake_with("Sec-WebSocket-Protocol: chat"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(!answer.contains("Protocol:"), "{answer}");
        assert_status("http-subproto-none", GET_PAGE, 200).await;
    }
}
