//! `towpath relay` end to end: the real program between stand-ins and servers that nobody here wrote.

mod demo;
mod graphql;
mod irc;
mod matterbridge;
mod servers;
