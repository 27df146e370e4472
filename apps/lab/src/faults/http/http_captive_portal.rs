//! A hotel network that sends every request to its own log-in page, whatever the host.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-captive-portal",
    summary: "a captive portal that redirects every request to its log-in page",
    causes: &["http-captive-portal"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(302)
            .header("Location", "http://login.hotel-wifi.test/portal?from=lab")
            .header("Cache-Control", "no-store")
            .html(PAGE)
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// Operating systems look for the `WISPr` block to open their log-in window.
const PAGE: &str = "<html><head><title>Hotel Wi-Fi login</title></head><body>Please log in.\
    <!-- <WISPAccessGatewayParam><Redirect><MessageType>100</MessageType></Redirect></WISPAccessGatewayParam> -->\
    </body></html>";

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-captive-portal", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
        assert!(answer.contains("hotel-wifi"), "{answer}");
        assert_eq!(ask("http-captive-portal", GET_PAGE).await, answer);
    }
}
