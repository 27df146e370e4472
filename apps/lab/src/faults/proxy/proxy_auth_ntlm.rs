//! A proxy that offers only NTLM and Negotiate, which most programs do not speak.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-auth-ntlm",
    summary: "a proxy that wants NTLM or Negotiate",
    causes: &["proxy-auth"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(407)
            .header("Proxy-Authenticate", "Negotiate")
            .header("Proxy-Authenticate", "NTLM")
            .header("Via", "1.1 proxy.corp.test")
            .html("<title>407 Proxy Authentication Required</title>")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::connect_to;

    use crate::testing::{Client, running};

    #[tokio::test]
    async fn refuses_the_tunnel() {
        let running = running("proxy-auth-ntlm").await;
        let answer = Client::plain(&running)
            .await
            .ask(&connect_to(&running))
            .await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
        assert!(answer.contains("Proxy-Authenticate: NTLM"), "{answer}");
        running.stop().await;
    }
}
