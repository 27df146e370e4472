//! An IRC client as a pure state machine (RFC 1459, RFC 2812, `IRCv3`).
//!
//! Lines and the time go in; lines, events and the next deadline come out. It must never open a socket, read a clock, or let text that
//! others wrote become a command.
