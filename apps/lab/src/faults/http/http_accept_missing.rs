//! A server or hop that leaves Sec-WebSocket-Accept out of its 101.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-accept-missing",
    summary: "a 101 without Sec-WebSocket-Accept",
    causes: &["http-accept-missing"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request)
        .without("sec-websocket-accept")
        .write(&mut stream)
        .await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask("http-accept-missing", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("Upgrade: websocket"), "{answer}");
        assert!(!answer.contains("Accept"), "{answer}");
        assert_status("http-accept-missing", GET_PAGE, 200).await;
    }
}
