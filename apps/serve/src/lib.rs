//! The gateway: WebSockets in, an unmodified WebSocket backend behind.
//!
//! A plain WebSocket client passes straight through; a Towpath client gets a session that survives
//! its transports; every other request is handed on as HTTP. Nothing here waits, reads or keeps
//! without a named limit, and no text of it holds a cookie, a query or a token.

mod admit;
mod assets;
mod backend;
mod body;
mod call;
mod client;
mod code;
pub mod config;
mod connection;
mod console;
mod drain;
mod error;
mod forward;
mod forwarded;
mod gateway;
mod guarded;
mod limits;
mod listen;
pub mod log;
mod machine;
mod metrics;
mod monitor;
mod observe;
mod passthrough;
mod probe;
pub mod proxy_protocol;
mod reports;
mod route;
mod sessions;
mod stream;
mod tls;
mod upgrade;

pub use config::Settings;
pub use error::ServeError;
pub use limits::{LIMITS, Limit, LimitRow};
pub use listen::{Running, check, start};
