//! What the operating system is asked for: enough descriptors, and news of clients that vanished.

use std::io;

use tokio::net::TcpStream;

/// Sets a local connection up: what a client writes is wanted at once, and one that vanished without a word is found.
pub(crate) fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE_AFTER);
    socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Takes as many descriptors as the system allows this process. A connection needs two, and the usual limit is 1,024.
#[cfg(unix)]
pub(crate) fn take_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::debug!(%error, "the limit on descriptors stays");
    }
}

#[cfg(not(unix))]
pub(crate) fn take_descriptors() {}

/// Silence before a client is asked whether it is there. One of another machine may have lost its network.
const KEEPALIVE_AFTER: std::time::Duration = std::time::Duration::from_mins(1);
