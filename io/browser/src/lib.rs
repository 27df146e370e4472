//! Chromium over the Chrome DevTools Protocol: find, launch, attach, capture, carry.
//!
//! The question this crate answers: *what does a browser send for this WebSocket, and what does it get?* It tells facts
//! and never judges them; and it touches the user's own browser only where it is told to attach, and leaves it as it was.
//!
//! # Life of a capture
//!
//! [`capture()`] takes [`BrowserOptions`] and a [`CaptureRequest`]. The program is the one named or the one [`find()`] finds
//! (`find`). It gets a new private directory (`profile`), if need be a home that trusts the user's certificates
//! (`trust`), flags (`flags`) and a debugging pipe (`launch`, `pipe`). On the pipe go numbered calls and, unasked,
//! events (`protocol`). A blank page is opened and watched (`page`): each event is kept by the `recorder`, and what
//! would wait for us (workers, logins, dialogs, requests to replace) is answered by `reaction`. `visit` brings the page
//! to the right origin: the site's own page or an empty stand-in. Then the page's own sockets are watched, a script
//! (`open.js`) opens ours, and when its time is over the browser is asked to end. Its network log, complete by then,
//! fills in what the debugging protocol keeps to itself (`netlog`): header order, refusals, addresses, TLS. What remains
//! is a [`Capture`] (`record`); processes and files are gone, also when anything on the way failed.
//!
//! ```no_run
//! # async fn example() -> Result<(), towpath_browser::BrowserError> {
//! use towpath_browser::{BrowserOptions, CaptureRequest, capture};
//!
//! let capture = capture(&BrowserOptions::default(), &CaptureRequest::open("wss://chat.example/socket")).await?;
//! if let Some(socket) = capture.opened() {
//!     println!("{:?} {:?}", socket.status(), socket.request);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Life of a reading
//!
//! [`read()`] visits a page, with a browser of its own or one that runs already ([`BrowserOptions::attach`]), until the one
//! value that is wanted is there: a storage key, a cookie, or a text in the first message of a socket of the page or its
//! workers (`read`). What the page is made of is told by names only (`shape`); a page that wants proof of a human first is
//! reported as that (`challenge`).
//!
//! # Life of a kept browser
//!
//! A [`Keeper`] starts a lean browser when its first socket is asked for, or attaches to one (`keep`, `launch`,
//! `attach`). One task watches it: health, memory (`memory`), idleness, end. Many callers share its debugging connection
//! (`debugger`); for each origin and account it has an empty page of ours (`tab`), in which the sockets live (`carry`).
//! What a killed run could not clear away, the next start does (`profile`).

mod attach;
mod capture;
mod carry;
mod challenge;
mod debugger;
mod document;
mod error;
mod find;
mod flags;
mod headers;
mod keep;
mod launch;
mod local;
mod memory;
mod netlog;
mod options;
mod page;
mod pipe;
mod process;
mod profile;
mod protocol;
mod reaction;
mod read;
mod record;
mod recorder;
mod request;
mod shape;
mod tab;
mod trust;
mod visit;

pub use crate::capture::capture;
pub use crate::carry::{
    BrowserReceiver, BrowserSender, BrowserSocket, HandshakeAnswer, Message, OpenError, Over,
    SocketEvent, SocketRequest,
};
pub use crate::error::BrowserError;
pub use crate::find::{BROWSER_VARIABLE, find};
pub use crate::keep::{BrowserStatus, Keeper, KeeperSettings};
pub use crate::options::{BrowserOptions, BrowserProxy, Credentials, FixedAddress};
pub use crate::read::{DEFAULT_POINTER, ReadError, ReadRequest, Reading, Wanted, read};
pub use crate::record::{
    BrowserIdentity, Capture, ConnectionFacts, Direction, HandshakeRequest, HandshakeResponse,
    HandshakeVersion, HeaderOrder, Opener, PageSecurity, PageVisit, ScriptOutcome, SocketCapture,
    SocketMessage, TlsFacts,
};
pub use crate::request::{CaptureRequest, OpenRequest, PageChoice};
pub use crate::shape::MessageShape;
