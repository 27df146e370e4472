//! A server that lets only browsers in: any other ClientHello is reset, whatever library sent it.
//!
//! Browsers mix reserved values into their hello (RFC 8701); of the libraries for programs none does.

use std::io;
use std::sync::Arc;

use towpath_hello::Offer;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "only-browsers",
    summary: "a stand-in for a server that resets every ClientHello but a browser's",
    causes: &["tls-fingerprint-filter"],
    tls: true,
    by_browser: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek_offer(&mut stream).await? {
        Some(offer) if is_browser(&offer) => {
            server::serve_healthy(stream, lab.authority.server()?).await
        }
        _ => stream.reset(),
    }
}

fn is_browser(offer: &Offer) -> bool {
    offer.grease
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use towpath_hello::Offer;

    use crate::testing::{Client, running};

    #[tokio::test]
    async fn rustls_is_reset() {
        let running = running("only-browsers").await;
        let plain = Client::plain(&running).await;
        let refused = plain.over_tls(&running, "localhost").await;
        let error = refused.err().expect("a reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        running.stop().await;
    }

    #[test]
    fn a_hello_with_reserved_values_is_a_browsers() {
        let offer = |grease| Offer {
            grease,
            ..Offer::default()
        };
        assert!(super::is_browser(&offer(true)));
        assert!(!super::is_browser(&offer(false)));
    }
}
