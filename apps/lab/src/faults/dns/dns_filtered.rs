//! A filtering resolver that answers 0.0.0.0 and says "blocked" in an extended error.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::dns;
use crate::fault::{Fault, Host, Kind, Serve};
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "dns-filtered",
    summary: "a resolver that answers 0.0.0.0 for blocked names",
    causes: &["dns-filtered"],
    kind: Kind::Resolver,
    host: Host::Resolved,
    on_loopback: false,
    serve: Serve::Bound(|socket, lab| Box::pin(serve(socket, lab))),
    ..Fault::PLAIN
};

async fn serve(socket: TcpSocket, lab: Arc<Lab>) -> io::Result<()> {
    // The socket only keeps the same port for questions over TCP, which stay unanswered.
    let answered = dns::serve(lab.address, dns::Reply::Blocked(Ipv4Addr::UNSPECIFIED)).await;
    drop(socket);
    answered
}

#[cfg(test)]
mod tests {
    use crate::testing::{QUESTION, question_to};

    #[tokio::test]
    async fn gives_its_reply() {
        let reply = question_to("dns-filtered", QUESTION).await;
        assert!(reply.ends_with(&[0, 15, 0, 2, 0, 15]), "{reply:?}");
    }
}
