//! TCP connections, one witnessed attempt to one address at a time.
//!
//! It must never race addresses: each attempt is a fact of its own.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_diagnosis::observation::{Connection, ConnectionOutcome, Fact, Failure};

use crate::failure;
use crate::limits::{Limits, milliseconds};
use crate::witness::Witness;

/// Tries one address.
pub async fn attempt(
    address: SocketAddr,
    to_proxy: bool,
    limits: &Limits,
) -> (Connection, Result<TcpStream, Failure>) {
    let began = Instant::now();
    let result = match timeout(limits.connect, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => {
            // Small frames must leave at once; a refusal to set the option harms nobody.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(error)) => Err(failure::of_io(&error, began.elapsed())),
        Err(_) => Err(failure::timed_out(limits.connect)),
    };
    let fact = Connection {
        address,
        to_proxy,
        outcome: match &result {
            Ok(_) => ConnectionOutcome::Connected,
            Err(failure) => ConnectionOutcome::Failed(failure.clone()),
        },
        elapsed_ms: milliseconds(began.elapsed()),
    };
    (fact, result)
}

/// What came of trying several addresses: the connection, or the last failure and its address.
pub type First = Result<(TcpStream, SocketAddr), (Failure, Option<SocketAddr>)>;

/// Tries addresses in order until one connects; the last failure is told when none does.
pub async fn first(
    addresses: &[SocketAddr],
    to_proxy: bool,
    limits: &Limits,
    witness: &mut dyn Witness,
) -> First {
    let mut last = (Failure::NoAddress, None);
    for &address in addresses.iter().take(limits.addresses_max) {
        let (fact, result) = attempt(address, to_proxy, limits).await;
        witness.saw(Fact::Connection(fact));
        match result {
            Ok(stream) => return Ok((stream, address)),
            Err(failure) => last = (failure, Some(address)),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn closed_port() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    }

    #[tokio::test]
    async fn a_closed_port_is_refused_and_the_next_address_is_tried() {
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [closed_port().await, open.local_addr().unwrap()];
        let mut facts = Vec::new();
        let (_, address) = first(&addresses, false, &Limits::default(), &mut facts)
            .await
            .unwrap();
        assert_eq!(address, addresses[1]);
        let [Fact::Connection(refused), Fact::Connection(connected)] = facts.as_slice() else {
            panic!("{facts:?}");
        };
        assert_eq!(refused.outcome, ConnectionOutcome::Failed(Failure::Refused));
        assert_eq!(connected.outcome, ConnectionOutcome::Connected);
    }
}
