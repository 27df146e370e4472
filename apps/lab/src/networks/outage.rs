//! Times in which nothing gets through, and the means to cut a connection off at any moment.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;

/// Tells when there is an outage: for [`OUTAGE_TIME`] after each period.
pub(super) async fn run(every: Duration, told: watch::Sender<bool>) {
    loop {
        sleep(every).await;
        told.send_replace(true);
        sleep(OUTAGE_TIME).await;
        told.send_replace(false);
    }
}

/// A second handle on a connection, with which it can be reset while others hold it.
#[derive(Debug)]
pub(super) struct Breaker(TcpStream);

impl Breaker {
    /// A breaker for this connection, and the connection.
    pub(super) fn of(tcp: TcpStream) -> io::Result<(Self, TcpStream)> {
        let tcp = tcp.into_std()?;
        let second = TcpStream::from_std(tcp.try_clone()?)?;
        Ok((Self(second), TcpStream::from_std(tcp)?))
    }

    /// From now on the connection ends with a reset, as soon as the last handle is dropped.
    pub(super) fn cut(self) -> io::Result<()> {
        self.0.set_zero_linger()
    }
}

/// How long an outage lasts.
const OUTAGE_TIME: Duration = Duration::from_secs(1);
