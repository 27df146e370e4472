//! Every bound of this client: its unit, and what happens there. It must never hold a number that only one kind of server needs.

/// Bytes of one message of the server; a longer one ends the session, since leaving it out would lose something in silence.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// Bytes of one operation as it is written; a longer one is not started.
pub const OPERATION_BYTES_MAX: usize = 256 << 10;

/// Operations under way at once; one more is not started.
pub const OPERATIONS_MAX: usize = 128;

/// Messages that wait to be sent; while there are so many, no operation is started.
pub const SENDS_MAX: usize = 512;

/// Events that wait to be read; a driver that leaves more lying loses the session.
pub const EVENTS_MAX: usize = 4_096;

/// Bytes of a ping's payload that the pong gives back; a longer one is left out.
pub const PING_PAYLOAD_BYTES_MAX: usize = 1 << 10;

/// Errors that are read out of one message; the rest is left out.
pub const PROBLEMS_MAX: usize = 8;

/// Characters of what a server says about an error, a refusal or a close.
pub const PROBLEM_CHARS_MAX: usize = 400;

/// Characters of an error's code and path.
pub const PROBLEM_LABEL_CHARS_MAX: usize = 80;
