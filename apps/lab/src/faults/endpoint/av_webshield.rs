//! An antivirus on the device that signs certificates itself, for a program that does not trust it.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::inspect;
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "av-webshield",
    summary: "an antivirus that shows its own certificate",
    causes: &["av-webshield"],
    tls: true,
    inspector: "Avast Web/Mail Shield",
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    inspect::pose(stream, &lab).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn signs_for_any_name() {
        let running = running("av-webshield").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "towpath.invalid")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("UnknownIssuer"), "{refused}");
        running.stop().await;
    }
}
