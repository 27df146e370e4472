//! A server that wants a bearer token in the header or the query; the token is `secret`.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-401",
    summary: "a server that wants a bearer token (it is: secret)",
    causes: &["http-401"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if request.header("authorization") == Some("Bearer secret")
            || request.target.contains("token=secret")
        {
            return echo::serve(stream, &request).await;
        }
        Answer::new(401)
            .dated()
            .header("WWW-Authenticate", "Bearer realm=\"lab\"")
            .text("Unauthorized")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn lets_in_only_the_token() {
        let answer = ask("http-401", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(answer.contains("WWW-Authenticate: Bearer"), "{answer}");
        assert_status(
            "http-401",
            &handshake_with("Authorization: Bearer secret"),
            101,
        )
        .await;
    }
}
