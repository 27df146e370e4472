//! What each fuzz target does with its bytes, as plain functions, so that ordinary tests can call the same code.
//!
//! A body checks properties that hold for all input; examples with one right answer belong beside the parser.

pub mod close;
pub mod connection;
pub mod diagnose;
pub mod envelope;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod hello;
pub mod page_report;
pub mod redact;
pub mod session;
