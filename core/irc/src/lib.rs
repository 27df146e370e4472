//! An IRC client as a pure state machine (RFC 1459, RFC 2812, `IRCv3`).
//!
//! Lines and the time go in; lines, events and the next deadline come out. It must never open a socket, read a clock, or let text that
//! others wrote become a command.
//!
//! A [`Session`] is one connection: it registers ([`Settings`]), joins the rooms that it is asked for, says what it is given and finds
//! out what came of it, and tells what others do. Bytes become lines by [`Framer`], and a line its parts by [`Line`]; whatever carries
//! whole lines (a WebSocket) needs no framer. Times are milliseconds since 1970 (UTC).

mod casemap;
mod ctcp;
mod ending;
mod event;
mod flood;
mod format;
mod framer;
mod identity;
mod isupport;
mod line;
mod names;
mod numeric;
mod queue;
mod sasl;
mod secret;
mod session;
mod settings;
mod tags;
mod time;

pub use casemap::CaseMapping;
pub use ending::Ending;
pub use event::{Event, Kind, NotIn, Proof, Said};
pub use format::plain;
pub use framer::{Framer, LINE_BYTES_MAX};
pub use line::{Line, LineError, Source, write};
pub use secret::Secret;
pub use session::{Join, Say, Session};
pub use settings::{Flood, NickServ, Sasl, Settings, Times};
pub use time::parse as parse_time;

/// Bytes of a line without tags, with its line end (RFC 2812 section 2.3).
pub const CLASSIC_BYTES_MAX: usize = 512;
