//! A WebSocket echo that keeps to the RFCs, over TLS with a whole chain.

use crate::fault::{Fault, Serve};
use crate::origin;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-echo-tls",
    summary: "a correct WebSocket echo over TLS",
    tls: true,
    check: &["--echo"],
    serve: Serve::Stream(|stream, _| Box::pin(origin::serve(stream))),
    ..Fault::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::testing::assert_healthy;

    #[tokio::test]
    async fn echoes() {
        assert_healthy("healthy-echo-tls").await;
    }
}
