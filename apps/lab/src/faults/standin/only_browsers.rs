//! A server that lets only browsers in: any other ClientHello is reset, whatever library sent it.
//!
//! With an upstream it is a gate before that server; browsers get through to it.
//!
//! Browsers mix reserved values into their hello (RFC 8701); of the libraries for programs none does.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use towpath_hello::Offer;

use crate::fault::{Fault, Kind, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::relay;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "only-browsers",
    summary: "a stand-in for a server that resets every ClientHello but a browser's",
    causes: &["tls-fingerprint-filter"],
    kind: Kind::Middlebox,
    tls: true,
    by_browser: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek_offer(&mut stream).await? {
        Some(offer) if is_browser(&offer) => {
            let config = lab.authority.server()?;
            if lab.upstream.is_none() {
                return server::serve_healthy(stream, config).await;
            }
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let stream = server::accept_tls(stream, &acceptor).await?;
            relay::pass(stream, lab.dial_upstream().await?).await
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
