//! Named network faults and stand-ins, so that clients can be rehearsed against them.
//!
//! Each fault is one small file below `faults/`, named after the cause it shows; [`start`] runs one on a
//! loopback port. The lab also has whole networks to put before any server: see [`NETWORKS`] and
//! [`start_network`], and the backend of a small web application, [`start_promotions`]; [`start_kosmi`] is a chat engine to try a relay on. The lab imitates networks and servers, it must never judge: whether a client is told the
//! right cause is the business of whoever runs the client.
//!
//! Faults write their bytes themselves on plain streams, because a library would refuse to write wrong ones.

mod accept;
mod alert;
mod answer;
mod authority;
mod authority_file;
mod connect;
mod dns;
mod echo;
mod error;
mod fault;
mod faults;
mod filter;
mod frames;
mod full;
mod graphql;
mod hello;
mod http2;
mod identity;
mod inspect;
mod journal;
mod kosmi;
mod lab;
mod matterbridge;
mod networks;
mod origin;
mod promotions;
mod relay;
mod request;
mod response;
mod running;
mod server;
mod socks;
mod stream;
mod token;
mod upstream;

#[cfg(test)]
mod testing;

pub use error::LabError;
pub use fault::{Fault, Kind};
pub use faults::{faults, find};
pub use identity::ServerIdentity;
pub use kosmi::{Kosmi, KosmiLine, KosmiOptions, start_kosmi};
pub use matterbridge::{Matterbridge, MatterbridgeOptions, start_matterbridge};
pub use networks::{
    Inspector, NETWORKS, Network, NetworkOptions, RunningNetwork, Settings, Tls, find_networks,
    start_network,
};
pub use promotions::{Promotions, PublishedFile, start_promotions};
pub use running::{Options, Running, start};
