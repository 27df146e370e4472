//! The browser client, run by node, through real proxies to the gateway: messages both ways arrive complete, in order
//! and once, whatever the program in between does to WebSockets.
//!
//! Each test starts its own programs on free loopback ports.

mod browser;
mod carry;
mod forward;
mod reverse;
