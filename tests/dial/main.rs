//! `towpath dial` and `towpath token` end to end: the real program, real browsers and proxies, and servers of which some let
//! only browsers in.
//!
//! Each test has a home of its own, so that nothing remembered passes from one to another. What starts a browser has
//! `browser` in its name.

mod admission;
mod ask;
mod auto;
mod browser;
mod client;
mod corporate;
mod faithful;
mod processes;
mod program;
mod world;
