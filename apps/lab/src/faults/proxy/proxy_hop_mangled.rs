//! A load balancer that writes all header names in lower case and adds its own; nothing breaks by it.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::response::Response;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-hop-mangled",
    summary: "a hop that rewrites header names; harmless",
    context: &["proxy-hop-mangled"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let opened = relay::exchange_with(
        &mut stream,
        &lab,
        |request| {
            request.lower_case();
            request.set("x-forwarded-for", "127.0.0.1");
        },
        Response::lower_case,
    );
    match opened.await? {
        Some(upstream) => relay::pass(stream, upstream).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn names_come_in_lower_case_and_it_works() {
        let running = running("proxy-hop-mangled").await;
        let mut client = Client::of(&running).await;
        let answer = client.ask(HANDSHAKE).await;
        assert!(answer.contains("\r\nsec-websocket-accept: "), "{answer}");
        assert!(answer.contains(ACCEPT), "{answer}");
        client.echo("hello").await.unwrap();
        running.stop().await;
    }
}
