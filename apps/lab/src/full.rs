//! A port whose queue is full: the kernel drops every further connection request, as a firewall would.
//!
//! This is the one way to be silent on loopback without privileges. It must be built before the fault
//! counts as started, so it connects in a blocking way, for at most [`ATTEMPTS_MAX`] short attempts.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};

/// A listener that accepts nothing, and the connections that fill its queue.
#[derive(Debug)]
pub(crate) struct Full {
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

/// Listens and fills the queue.
pub(crate) fn listen(socket: TcpSocket) -> io::Result<Full> {
    let listener = socket.listen(0)?;
    let address = listener.local_addr()?;
    let mut queued = Vec::new();
    for _ in 0..ATTEMPTS_MAX {
        match TcpStream::connect_timeout(&address, ATTEMPT_TIME_MAX) {
            Ok(connection) => queued.push(connection),
            Err(_) => break,
        }
    }
    Ok(Full {
        _listener: listener,
        _queued: queued,
    })
}

/// The queue of a healthy listener.
pub(crate) const BACKLOG: u32 = 128;
/// Linux rounds a queue of none up to one or two.
const ATTEMPTS_MAX: usize = 8;
/// On loopback an answer takes far less.
const ATTEMPT_TIME_MAX: Duration = Duration::from_millis(100);
