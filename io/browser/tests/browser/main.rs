//! A real browser, and servers it has never seen before.

mod attach;
mod handshake;
mod keep;
mod lifecycle;
mod network;
mod page;
mod processes;
mod read;
mod running;
mod site;
mod support;
mod truth;
mod watch;
