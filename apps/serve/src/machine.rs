//! What the operating system is asked for: enough descriptors, and news of peers that vanished.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Sets a connection up: nothing waits to be sent together, and a peer that vanished without a word is found
/// though nobody sends to it.
pub(crate) fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EVERY)
        .with_retries(KEEPALIVE_TIMES);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Takes as many descriptors as the system allows this process, and tells when that is fewer than the
/// limit on connections may need.
#[cfg(unix)]
pub(crate) fn take_descriptors(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::debug!(%error, "the limit on descriptors stays");
    }
    let needed = connections as u64 * DESCRIPTORS_EACH;
    if let Some(have) = getrlimit(Resource::Nofile).current
        && have < needed
    {
        tracing::warn!(
            have,
            needed,
            "fewer descriptors than limits.connections may need; raise the service's limit (LimitNOFILE, ulimit -n)"
        );
    }
}

#[cfg(not(unix))]
pub(crate) fn take_descriptors(_connections: usize) {}

/// The client's socket and the backend's.
const DESCRIPTORS_EACH: u64 = 2;

/// Silence before a peer is asked. Common middleboxes forget a silent connection after 60 seconds.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(45);

/// Between two questions.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);

/// Questions without an answer before the connection is given up.
const KEEPALIVE_TIMES: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_peer_is_asked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        tune(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(SockRef::from(&stream).keepalive().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn descriptors_are_taken_as_far_as_allowed() {
        use rustix::process::{Resource, getrlimit};
        take_descriptors(1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
