//! Real servers and real proxies, each started with settings that a test chooses.
//!
//! One file per program. A box knows how its program is started; what is wrong with the settings is the test's.

pub(crate) mod apache;
pub(crate) mod dante;
pub(crate) mod dnsmasq;
pub(crate) mod forward;
pub(crate) mod haproxy;
pub(crate) mod mitmproxy;
pub(crate) mod nginx;
pub(crate) mod node;
pub(crate) mod openssl;
pub(crate) mod python;
pub(crate) mod reverse;
pub(crate) mod squid;
pub(crate) mod varnish;

use std::path::{Path, PathBuf};

use towpath_tests::support::Program;

/// A program that listens on a loopback port.
#[derive(Debug)]
pub(crate) struct Running {
    /// The port.
    pub(crate) port: u16,
    /// The program; it ends with this value.
    _program: Program,
}

impl Running {
    pub(crate) const fn new(port: u16, program: Program) -> Self {
        Self {
            port,
            _program: program,
        }
    }

    /// The WebSocket's address by number, without TLS.
    pub(crate) fn ws(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// The WebSocket's address by name, with TLS.
    pub(crate) fn wss(&self, path: &str) -> String {
        format!("wss://localhost:{}{path}", self.port)
    }

    /// The proxy's address, for `--proxy`.
    pub(crate) fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A file or folder of this package.
pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
