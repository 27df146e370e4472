//! A server that understands only the old generation of GraphQL over WebSocket, but opens for both.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::graphql::{self, Dialect};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "app-subproto-generation",
    summary: "opens for both generations of GraphQL and understands the old one",
    causes: &["app-subproto-generation"],
    path: "/graphql",
    check: &["--subprotocol", "graphql-transport-ws"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    let mut answer = Answer::switching(&request);
    let offered = request.words("sec-websocket-protocol").next();
    if let Some(name) = offered {
        answer = answer.header("Sec-WebSocket-Protocol", name);
    }
    let is_old = offered == Some(Dialect::Ws.subprotocol());
    answer.write(&mut stream).await?;
    if is_old {
        graphql::run(stream, Dialect::Ws).await
    } else {
        frames::close(stream, 1002, "").await
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, handshake_with, running};

    #[tokio::test]
    async fn closes_on_the_new_generation() {
        let running = running("app-subproto-generation").await;
        let mut client = Client::of(&running).await;
        let offer = handshake_with("Sec-WebSocket-Protocol: graphql-transport-ws");
        assert!(client.ask(&offer).await.starts_with("HTTP/1.1 101 "));
        assert_eq!(client.bytes(4).await.unwrap(), [0x88, 2, 0x03, 0xea]);
        running.stop().await;
    }
}
