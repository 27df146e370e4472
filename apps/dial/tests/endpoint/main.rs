//! The endpoint as a whole, in one process: real sockets, a remote that shows what it saw, native ways.

mod admit;
mod carry;
mod ends;
mod refuse;
mod remote;
mod support;
