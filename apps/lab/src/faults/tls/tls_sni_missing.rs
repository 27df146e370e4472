//! A server that wants a name, reached by its address, where clients send none.

use std::io;
use std::sync::Arc;

use crate::alert;
use crate::fault::{Fault, Host, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-sni-missing",
    summary: "a server that refuses clients that send no name",
    causes: &["tls-sni-missing"],
    tls: true,
    host: Host::Address,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(hello) if hello.server_name.is_none() => {
            alert::refuse(stream, alert::UNRECOGNIZED_NAME).await
        }
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn wants_a_name() {
        let running = running("tls-sni-missing").await;
        assert!(
            running.url().starts_with("wss://127.0.0.1:"),
            "{}",
            running.url()
        );
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "127.0.0.1")
            .await;
        let refused = client.err().expect("an alert").to_string();
        assert!(
            refused.contains("UnrecognisedName") || refused.contains("UnrecognizedName"),
            "{refused}"
        );
        assert!(
            Client::plain(&running)
                .await
                .over_tls(&running, "localhost")
                .await
                .is_ok()
        );
        running.stop().await;
    }
}
