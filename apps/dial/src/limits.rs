//! Every bound of the endpoint, by name. Reaching one is an answer to the client, never a crash.

use std::time::Duration;

/// How much one endpoint takes and how long it waits.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Local connections at once; one more is answered with 503. A larger value lets a runaway program
    /// hold more descriptors and sockets at the remote.
    pub connections_max: usize,
    /// From accept to the last byte of the request head; then 408.
    pub head_time: Duration,
    /// Bytes of a request head; then 431.
    pub head_bytes_max: usize,
    /// The largest message where messages are carried rather than bytes; then close code 1009.
    pub message_bytes_max: usize,
    /// How long one side has to answer a close of the other.
    pub close_time: Duration,
    /// How long what a client said before it went may take to reach the remote, where messages are carried. A larger value
    /// outlasts longer cuts of a session; meanwhile the connection counts.
    pub delivery_time: Duration,
    /// From a signal to the end, however slow the clients are.
    pub end_time: Duration,
}

impl Default for Limits {
    /// 1,024 connections, 10 s and 64 KiB for a head, 16 MiB a message, 3 s for a close, a minute for the last words, 3 s for the end.
    fn default() -> Self {
        Self {
            connections_max: 1024,
            head_time: Duration::from_secs(10),
            head_bytes_max: 64 * 1024,
            message_bytes_max: 16 << 20,
            close_time: Duration::from_secs(3),
            delivery_time: Duration::from_mins(1),
            end_time: Duration::from_secs(3),
        }
    }
}

/// Header lines of one request.
pub(crate) const HEADERS_MAX: usize = 128;

/// Bytes read from a socket at once. They live on the stack of one poll.
pub(crate) const READ_BYTES_MAX: usize = 16 * 1024;

/// Bytes of an answer's explanation in its header.
pub(crate) const WHY_BYTES_MAX: usize = 1000;

/// Bytes of a foreign text, such as an Origin, that an answer repeats.
pub(crate) const SHOWN_BYTES_MAX: usize = 200;
