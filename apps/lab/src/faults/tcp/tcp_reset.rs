//! A firewall that lets the connection come about and resets it at once, as it does for blocked addresses.

use crate::fault::{Fault, Serve};

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-reset",
    summary: "accepts and resets at once",
    causes: &["tcp-ip-block"],
    on_loopback: false,
    serve: Serve::Accepted(|stream, _| Box::pin(async move { stream.reset() })),
    ..Fault::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn is_reset_before_any_byte() {
        let running = running("tcp-reset").await;
        let mut client = Client::plain(&running).await;
        client.send(HANDSHAKE).await;
        assert_eq!(
            client.rest().await.unwrap_err().kind(),
            std::io::ErrorKind::ConnectionReset
        );
        running.stop().await;
    }
}
