//! `towpath relay` end to end: the real program between stand-ins and servers that nobody here wrote.

mod demo;
mod graphql;
mod irc;
mod kosmi_side;
mod matterbridge;
mod servers;
