//! The gateway under test, in this process.

use std::net::SocketAddr;

use towpath_serve::{Running, Settings, start};

/// A gateway in front of `upstream`, with `change` made to its settings.
pub(crate) async fn gateway(
    upstream: SocketAddr,
    change: impl FnOnce(&mut Settings),
) -> (Running, SocketAddr) {
    let mut settings = Settings::default();
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    settings.upstream.url = format!("ws://{upstream}").parse().unwrap();
    settings.metrics.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    change(&mut settings);
    let running = start(settings).await.unwrap();
    let address = running.addresses()[0];
    (running, address)
}
