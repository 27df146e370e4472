//! The session side of the gateway over real sockets: each transport, each race, each limit.

mod backend;
mod carry;
mod ends;
mod gateway;
mod proof;
mod races;
mod raw;
