//! A GraphQL server that speaks both generations of GraphQL over WebSocket.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::graphql;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-graphql",
    summary: "a GraphQL server that speaks graphql-transport-ws and graphql-ws",
    path: "/graphql",
    check: &["--subprotocol", "graphql-transport-ws"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        let offered = [graphql::Dialect::TransportWs, graphql::Dialect::Ws]
            .into_iter()
            .find(|dialect| request.lists("sec-websocket-protocol", dialect.subprotocol()));
        let Some(dialect) = offered.filter(|_| request.is_handshake()) else {
            Answer::new(400)
                .dated()
                .text("a GraphQL subprotocol is needed")
                .write(&mut stream)
                .await?;
            continue;
        };
        let chosen = dialect.subprotocol();
        Answer::switching(&request)
            .header("Sec-WebSocket-Protocol", chosen)
            .write(&mut stream)
            .await?;
        return graphql::run(stream, dialect).await;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, handshake_with, running};

    #[tokio::test]
    async fn acknowledges_in_both_dialects() {
        for subprotocol in ["graphql-transport-ws", "graphql-ws"] {
            let running = running("healthy-graphql").await;
            let mut client = Client::of(&running).await;
            let answer = client
                .ask(&handshake_with(&format!(
                    "Sec-WebSocket-Protocol: {subprotocol}"
                )))
                .await;
            assert!(
                answer.contains(&format!("Sec-WebSocket-Protocol: {subprotocol}\r\n")),
                "{answer}"
            );
            let init = br#"{"type":"connection_init","payload":{}}"#;
            client.send_frame(FrameHeader::text(init.len()), init).await;
            let ack = br#"{"type":"connection_ack"}"#;
            assert_eq!(client.bytes(2 + ack.len()).await.unwrap()[2..], *ack);
            running.stop().await;
        }
    }
}
