//! A web application firewall with a rule against the handshake; pages pass.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-waf-rule",
    summary: "a web application firewall whose rule refuses the handshake",
    causes: &["http-403-waf-rule"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(403)
            .dated()
            .header("Server", "cloudflare")
            .header("CF-RAY", "8a1b2c3d4e5f6a7b-LAB")
            .html("<!doctype html><title>Attention Required! | Cloudflare</title><p>Sorry, you have been blocked. Cloudflare Ray ID: 8a1b2c3d4e5f6a7b</p>").write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn refuses_only_the_handshake() {
        let answer = ask("http-403-waf-rule", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("Ray ID"), "{answer}");
        assert_status("http-403-waf-rule", GET_PAGE, 200).await;
    }
}
