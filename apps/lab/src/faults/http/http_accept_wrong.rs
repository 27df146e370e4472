//! A 101 whose accept is the same for every key, as a cached or fixed answer has it.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-accept-wrong",
    summary: "a 101 whose Sec-WebSocket-Accept never changes",
    causes: &["http-accept-wrong"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    Answer::switching(&request)
        .without("sec-websocket-accept")
        .header("Sec-WebSocket-Accept", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")
        .write(&mut stream)
        .await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask("http-accept-wrong", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(
            answer.contains("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n"),
            "{answer}"
        );
        assert_status("http-accept-wrong", GET_PAGE, 200).await;
    }
}
