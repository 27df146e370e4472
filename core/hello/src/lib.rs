//! A TLS `ClientHello` as facts.
//!
//! Bytes in, facts out: whether a whole hello has arrived, and what it offers. It must never judge what the facts
//! mean (that is `towpath-diagnosis`) and never touch a socket.
