//! A server that wants its one subprotocol offered, and refuses everything else with an empty 403.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-subproto",
    summary: "a server that wants the subprotocol graphql-transport-ws",
    causes: &["http-403-subproto"],
    path: "/graphql",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if request.lists("sec-websocket-protocol", "graphql-transport-ws") {
            return echo::serve(stream, &request).await;
        }
        Answer::new(403).dated().write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn lets_in_only_its_subprotocol() {
        let answer = ask("http-403-subproto", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert_status(
            "http-403-subproto",
            &handshake_with("Sec-WebSocket-Protocol: graphql-transport-ws"),
            101,
        )
        .await;
    }

    #[tokio::test]
    async fn another_subprotocol_stays_out() {
        assert_status(
            "http-403-subproto",
            &handshake_with("Sec-WebSocket-Protocol: graphql-ws"),
            403,
        )
        .await;
    }
}
