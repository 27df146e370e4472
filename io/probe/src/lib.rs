//! One question to the network per file, observations out.
//!
//! A [`Probe`] knows the target and answers [`Question`]s with facts. It cannot fail: what went
//! wrong is the observation. It never judges, sends only well-formed requests, and asks for nothing
//! that no question asked for.
//!
//! [`Question`]: towpath_diagnosis::question::Question

mod browser;
mod connect;
mod control;
mod endure;
mod environment;
pub mod handshake;
pub mod inquiry;
mod page;
pub mod request;
mod resolve;
mod run;
pub mod settings;
mod talk;
mod tls;
mod tunnel;
mod waits;

pub use browser::on_network;
pub use endure::{Watch, Watched};
pub use handshake::OpenSocket;
pub use run::Probe;
pub use settings::{ProbeSettings, ProxyChoice, Token};
