//! One WebSocket to a remote by the way that works: direct, through a proxy, over a gateway's session, or in a real browser.
//!
//! [`Reach`] holds the [`Settings`] of one caller; [`Reach::open`] takes a [`Request`] and gives an [`Opened`], which says in one
//! line which way was taken and why, or a [`Refused`], which says what the remote answered and what would help. It must never hide why
//! a way failed, and never make a remote believe that it talks with something else than it does.
//!
//! # Life of an opening
//!
//! The request becomes an `opening`: its `target`, its proxy, its `token`. Named by [`Via`], one way is taken as it is: `native` (its
//! request is the `head`), `gateway` or `browser`. [`Via::Auto`] is `auto`: the way that worked lately (`remember`); else this program's own,
//! which has to give `proof` that messages pass, with a gateway asked for beside it where it gives no sign; else what the `verdict` says,
//! which is found out once for everybody who waits: is there a gateway, and if not, what does an inquiry find (`inquire`), and what follows
//! from that (`choice`, pure). What opened natively is a stream, to be copied unparsed; all else, and that where it is wanted, is a
//! [`Channel`] of whole messages.
//!
//! ```no_run
//! # async fn example() -> Result<(), towpath_reach::Refused> {
//! use towpath_reach::{Event, Message, Reach, Request, Settings};
//!
//! let reach = Reach::new(Settings::default());
//! let url = "wss://chat.example/socket".parse().expect("it is one");
//! let opened = reach.open(Request::new(url)).await?;
//! println!("{}: {}", opened.way, opened.why);
//! let (sender, mut receiver) = opened.carried.into_channel().split();
//! let _ = sender.send(Message::Text("hello".into())).await;
//! while let Some(event) = receiver.next().await {
//!     if let Event::Closed { code, reason, .. } = event {
//!         println!("closed with {code} {reason}");
//!     }
//! }
//! reach.end().await;
//! # Ok(())
//! # }
//! ```

mod auto;
mod browser;
mod channel;
mod choice;
mod gateway;
mod head;
mod inquire;
mod lookups;
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
