//! A resolver that fails at every name.

use std::io;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::dns;
use crate::fault::{Fault, Host, Kind, Serve};
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "dns-servfail",
    summary: "a resolver that answers SERVFAIL",
    causes: &["dns-servfail"],
    kind: Kind::Resolver,
    host: Host::Resolved,
    on_loopback: false,
    serve: Serve::Bound(|socket, lab| Box::pin(serve(socket, lab))),
    ..Fault::PLAIN
};

async fn serve(socket: TcpSocket, lab: Arc<Lab>) -> io::Result<()> {
    // The socket only keeps the same port for questions over TCP, which stay unanswered.
    let answered = dns::serve(lab.address, dns::Reply::Code(dns::SERVER_FAILURE)).await;
    drop(socket);
    answered
}

#[cfg(test)]
mod tests {
    use crate::testing::{QUESTION, question_to};

    #[tokio::test]
    async fn gives_its_reply() {
        let reply = question_to("dns-servfail", QUESTION).await;
        assert_eq!(reply[3] & 0x0f, 2, "{reply:?}");
    }
}
