//! One WebSocket to a remote by the way that works: direct, through a proxy, over a gateway's session, or in a real browser.
//!
//! [`Reach`] holds the [`Settings`] of one caller; [`Reach::open`] takes a [`Request`] and gives an [`Opened`], which says in one
//! line which way was taken and why, or a [`Refused`], which says what the remote answered and what would help. Which way is chosen
//! follows from what was observed. It must never hide why a way failed, and never make a remote believe that it talks with
//! something else than it does.

mod auto;
mod browser;
mod channel;
mod choice;
mod gateway;
mod head;
mod inquire;
mod native;
mod opened;
mod opening;
mod proof;
mod reach;
mod refused;
mod remember;
mod request;
mod settings;
mod target;
mod token;
mod verdict;

pub use channel::{Channel, ChannelReceiver, ChannelSender, Event, Message, Over};
pub use opened::{Carried, Native, Opened, ResponseHead, Way};
pub use reach::{Reach, Remembered, Status};
pub use refused::{Named, Refused, Why};
pub use request::{LocalHandshake, Request};
pub use settings::{Settings, Via};
pub use target::TargetError;
pub use token::{TokenPlace, TokenUse};

#[cfg(test)]
mod tests;
