//! A 101 with headers of a body, which some clients refuse.

use std::io;
use std::sync::Arc;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-101-body-headers",
    summary: "a 101 with Content-Length and Content-Type",
    causes: &["http-101-body-headers"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    echo::accept(&request)
        .header("Content-Type", "text/plain")
        .header("Content-Length", "0")
        .write(&mut stream)
        .await?;
    echo::run(stream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn switches_wrongly() {
        let answer = ask("http-101-body-headers", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("Content-Length: 0\r\n"), "{answer}");
        assert_status("http-101-body-headers", GET_PAGE, 200).await;
    }
}
