//! A development server that answers only under its configured name, `app.lab.test`.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-host",
    summary: "a server that answers only to the Host app.lab.test",
    causes: &["http-403-host"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let host = request
            .header("host")
            .and_then(|host| host.split(':').next());
        if host != Some("app.lab.test") {
            Answer::new(403)
                .dated()
                .text("Invalid Host header")
                .write(&mut stream)
                .await?;
        } else if request.is_handshake() {
            return echo::serve(stream, &request).await;
        } else {
            origin::page(&request).write(&mut stream).await?;
        }
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn lets_in_only_its_name() {
        let answer = ask("http-403-host", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("Invalid Host header"), "{answer}");
        let named = HANDSHAKE.replace("Host: localhost", "Host: app.lab.test:80");
        assert_status("http-403-host", &named, 101).await;
    }
}
