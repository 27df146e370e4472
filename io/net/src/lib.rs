//! Name to upgraded stream, every step witnessed.
//!
//! One way out to the network for everything that dials: name, TCP, proxy, TLS, HTTP, upgraded
//! stream. Each step taken becomes a fact that a [`Witness`] sees, so that what is diagnosed is the
//! code that carries. Nothing here judges, and nothing here waits or reads without a named limit.

pub mod connect;
pub mod failure;
pub mod http1;
pub mod http2;
pub mod limits;
pub mod name;
pub mod open;
pub mod proxy;
pub mod settings;
pub mod stream;
pub mod tls;
pub mod witness;

pub use limits::Limits;
pub use name::Names;
pub use open::{NotOpened, Opened, Plan, TlsPlan, open};
pub use proxy::ProxyServer;
pub use settings::{Settings, SettingsError};
pub use stream::Stream;
pub use witness::Witness;
