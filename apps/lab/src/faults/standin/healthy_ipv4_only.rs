//! A correct echo that listens on IPv4 only, under a name that has an IPv6 address too: refused there at once.

use crate::fault::{Fault, Host, Serve};
use crate::origin;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-ipv4-only",
    summary: "a correct echo on IPv4 whose name has an IPv6 address too",
    host: Host::BothFamilies,
    check: &["--echo"],
    serve: Serve::Stream(|stream, _| Box::pin(origin::serve(stream))),
    ..Fault::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::testing::{assert_healthy, running};

    #[tokio::test]
    async fn echoes() {
        assert_healthy("healthy-ipv4-only").await;
    }

    #[tokio::test]
    async fn both_families_are_to_be_tried() {
        let running = running("healthy-ipv4-only").await;
        let arguments = running.check_arguments().join(" ");
        assert!(arguments.contains(":127.0.0.1,[::1] "), "{arguments}");
        running.stop().await;
    }
}
