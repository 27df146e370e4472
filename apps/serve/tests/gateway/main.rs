//! The gateway from outside: real sockets, raw bytes, scripted backends.

mod backend;
mod drain;
mod http;
mod http2;
mod limits;
mod network;
mod passthrough;
mod support;
mod tls;
