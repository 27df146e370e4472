//! `towpath relay` end to end: the real program between stand-ins and servers that nobody here wrote.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on ends the test"
)]

mod chaos;
mod check;
mod demo;
mod failures;
mod gates;
mod graphql;
mod hostile;
mod irc;
mod kosmi;
mod kosmi_side;
mod matter;
mod matterbridge;
mod pair;
mod process;
mod reload;
mod restarts;
mod servers;
mod settings;
mod shown;
mod table;
