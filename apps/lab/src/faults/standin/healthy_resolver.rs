//! A resolver that answers 127.0.0.1 for every name.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::dns;
use crate::fault::{Fault, Host, Kind, Serve};
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-resolver",
    summary: "a resolver that answers 127.0.0.1",
    kind: Kind::Resolver,
    host: Host::Resolved,
    on_loopback: false,
    serve: Serve::Bound(|socket, lab| Box::pin(serve(socket, lab))),
    ..Fault::PLAIN
};

async fn serve(socket: TcpSocket, lab: Arc<Lab>) -> io::Result<()> {
    // The socket only keeps the same port for questions over TCP, which stay unanswered.
    let answered = dns::serve(lab.address, dns::Reply::Address(Ipv4Addr::LOCALHOST)).await;
    drop(socket);
    answered
}

#[cfg(test)]
mod tests {
    use crate::testing::{QUESTION, question_to};

    #[tokio::test]
    async fn gives_its_reply() {
        let reply = question_to("healthy-resolver", QUESTION).await;
        assert!(reply.ends_with(&[127, 0, 0, 1]), "{reply:?}");
    }
}
