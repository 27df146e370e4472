//! A proxy in the way of plain HTTP that removes `Upgrade`, as Squid does unless told otherwise.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::response::Response;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-plain-ws",
    summary: "a proxy in the way that removes Upgrade from plain ws",
    causes: &["proxy-plain-ws"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let change = |request: &mut Request| {
        *request = connect::in_origin_form(request.clone());
        request.remove("upgrade");
        request.remove("connection");
        request.set("Via", VIA);
        request.set("X-Forwarded-For", "127.0.0.1");
        request.set("Cache-Control", "max-age=259200");
    };
    let mark = |response: &mut Response| {
        response.remove("upgrade");
        response.add("X-Cache", "MISS from proxy.corp.test");
        response.add("X-Cache-Lookup", "MISS from proxy.corp.test:3128");
        response.add("Via", VIA);
    };
    relay::exchange_with(&mut stream, &lab, change, mark).await?;
    stream.finish().await
}

const VIA: &str = "1.1 proxy.corp.test (squid/6.6)";

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask};

    #[tokio::test]
    async fn the_servers_plain_answer_comes_back_marked() {
        let answer = ask("proxy-plain-ws", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(
            answer.contains("Via: ") && answer.contains("X-Cache: "),
            "{answer}"
        );
    }
}
