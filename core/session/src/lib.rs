//! The session protocol of `docs/protocol.md` as a pure state machine: bytes, events and the time go in, bytes and
//! decisions come out. It never opens a socket, reads a clock, draws a random number or waits.
//!
//! - on the wire: [`number`], [`envelope`], [`decode`], [`body`]
//! - exactly once and in order, the same at both ends: [`item`], [`outbox`], [`inbox`], [`session`]
//! - who may attach, and which attachment is in use (gateway): [`attach`]
//! - which transport to try next (client): [`choice`]
//! - what cuts teach about a network (gateway): [`adapt`]
//! - every bound with its default and its outcome: [`limits`], [`ends`]
//!
//! A host (the gateway's session task, a client's driver) gives each [`Envelope`] it decodes to
//! [`Session::receive`], takes messages with [`Session::deliver`], and when it wakes up calls
//! [`Session::transmit`] once and flushes once.

pub mod adapt;
pub mod attach;
pub mod body;
pub mod choice;
pub mod decode;
pub mod ends;
pub mod envelope;
pub mod inbox;
pub mod item;
pub mod limits;
pub mod number;
pub mod outbox;
pub mod session;

pub use attach::{Acceptance, Decision, Refusal, Secrets};
pub use body::{Attach, Attached, End, Opened, Proof, Refused, Secret};
pub use choice::{Action, Choice, TRANSPORTS, Transport};
pub use decode::{Decoder, Malformed, whole};
pub use ends::Outcome;
pub use envelope::Envelope;
pub use item::{Close, Item, Kind, Part, pieces};
pub use session::{Fault, Session, Settings, Side};
