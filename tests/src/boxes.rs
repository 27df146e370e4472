//! Real servers and real proxies, each started with settings that a test chooses.
//!
//! One file per program. A box knows how its program is started; what is wrong with the settings is the test's.

pub mod apache;
pub mod atheme;
pub mod dante;
pub mod dnsmasq;
pub mod forward;
pub mod gateway;
pub mod haproxy;
pub mod inspircd;
pub mod mitmproxy;
pub mod nginx;
pub mod ngircd;
pub mod node;
pub mod openssl;
pub mod python;
pub mod reverse;
pub mod squid;
pub mod varnish;
pub mod znc;

use std::path::{Path, PathBuf};

use crate::support::Program;

/// A program that listens on a loopback port.
#[derive(Debug)]
pub struct Running {
    /// The port.
    pub port: u16,
    /// The program; it ends with this value.
    program: Program,
}

impl Running {
    /// A program that listens on this port.
    pub const fn new(port: u16, program: Program) -> Self {
        Self { port, program }
    }

    /// Ends the program as the system does when memory runs out.
    pub fn kill(&mut self) {
        self.program.kill();
    }

    /// Bytes of memory that the program holds.
    pub fn resident_bytes(&self) -> u64 {
        self.program.resident_bytes()
    }

    /// The WebSocket's address by number, without TLS.
    pub fn ws(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// The WebSocket's address by name, with TLS.
    pub fn wss(&self, path: &str) -> String {
        format!("wss://localhost:{}{path}", self.port)
    }

    /// The proxy's address, for `--proxy`.
    pub fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A file or folder of this package.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
