//! A host with an address in each family, of which the IPv6 one never answers.

use std::io;
use std::net::Ipv6Addr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};

use crate::fault::{Fault, Host, Serve};
use crate::faults::standin::healthy_echo;
use crate::full;
use crate::lab::Lab;
use crate::server;

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-v6-broken",
    summary: "a host whose IPv6 address never answers while IPv4 works",
    causes: &["tcp-v6-broken"],
    host: Host::BothFamilies,
    serve: Serve::Bound(|socket, lab| {
        Box::pin(serve(socket.listen(full::BACKLOG), silent_twin(&lab), lab))
    }),
    ..Fault::PLAIN
};

async fn serve(
    listener: io::Result<TcpListener>,
    twin: io::Result<full::Full>,
    lab: Arc<Lab>,
) -> io::Result<()> {
    let twin = twin?;
    server::run(listener?, healthy_echo::FAULT, lab, None).await;
    drop(twin);
    Ok(())
}

/// The same port in the other family, taken and never answering.
fn silent_twin(lab: &Lab) -> io::Result<full::Full> {
    let socket = TcpSocket::new_v6()?;
    socket.bind((Ipv6Addr::LOCALHOST, lab.address.port()).into())?;
    full::listen(socket)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;
    use std::time::Duration;

    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn ipv4_works_and_ipv6_is_silent() {
        let running = running("tcp-v6-broken").await;
        assert!(
            Client::of(&running)
                .await
                .ask(HANDSHAKE)
                .await
                .contains(ACCEPT)
        );
        let twin = (Ipv6Addr::LOCALHOST, running.address().port());
        let attempt = timeout(Duration::from_millis(400), TcpStream::connect(twin)).await;
        assert!(attempt.is_err(), "{attempt:?}");
        let arguments = running.check_arguments().join(" ");
        assert!(arguments.contains(":127.0.0.1,[::1] "), "{arguments}");
        running.stop().await;
    }
}
