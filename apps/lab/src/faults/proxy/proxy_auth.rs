//! A proxy that wants a name and password by Basic; they are `user` and `secret`.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-auth",
    summary: "a proxy that wants credentials (user, secret)",
    causes: &["proxy-auth"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        if request.header("proxy-authorization") == Some(CREDENTIALS) {
            return connect::allow(stream, request).await;
        }
        Answer::new(407)
            .header("Proxy-Authenticate", "Basic realm=\"corp\"")
            .header("Via", "1.1 proxy.corp.test")
            .html("<title>407 Proxy Authentication Required</title>")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// `user:secret` in Base64.
const CREDENTIALS: &str = "Basic dXNlcjpzZWNyZXQ=";

#[cfg(test)]
mod tests {
    use crate::testing::connect_to;

    use crate::testing::{Client, running};

    #[tokio::test]
    async fn opens_for_the_credentials_only() {
        let running = running("proxy-auth").await;
        let mut client = Client::plain(&running).await;
        let answer = client.ask(&connect_to(&running)).await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
        assert!(answer.contains("Proxy-Authenticate: Basic"), "{answer}");
        let line = format!("\r\nProxy-Authorization: {}\r\n\r\n", super::CREDENTIALS);
        let with = connect_to(&running).replace("\r\n\r\n", &line);
        let answer = Client::plain(&running).await.ask(&with).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        running.stop().await;
    }
}
