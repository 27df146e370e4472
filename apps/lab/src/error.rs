//! Why a fault could not be started.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why a fault could not be started. Once it runs, nothing a client does is an error.
#[derive(Debug, Error)]
pub enum LabError {
    /// No fault has this name.
    #[error("there is no fault named `{name}`; `towpath lab` lists them")]
    UnknownFault {
        /// The name given.
        name: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The upstream is neither `host:port` nor a `ws`, `wss`, `http` or `https` URL.
    #[error("`{upstream}` is not an upstream: give host:port, or a ws:// or wss:// URL")]
    BadUpstream {
        /// The text given.
        upstream: String,
    },
    /// An upstream was given to a fault that is a server itself.
    #[error("`{name}` is a server and takes no upstream")]
    UpstreamNotTaken {
        /// The fault.
        name: &'static str,
    },
    /// No network has this name.
    #[error("there is no network named `{name}`; `towpath lab` lists them")]
    UnknownNetwork {
        /// The name given.
        name: String,
    },
    /// The network has to read requests and TLS was to go through untouched.
    #[error("`{name}` has to read requests, which TLS hides from it unless it inspects")]
    CannotRead {
        /// The name given.
        name: String,
    },
    /// The certificates to trust could not be read.
    #[error("the certificates to trust are not PEM")]
    BadRoots,
    /// The lab's certificates could not be made.
    #[error("cannot make the lab's certificates")]
    Certificate(#[from] rcgen::Error),
    /// The lab's certificates could not be used.
    #[error("cannot use the lab's certificates")]
    Tls(#[from] rustls::Error),
    /// The file of a stand-in's archive could not be opened.
    #[error("cannot keep an archive in {path}")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The authority's certificate could not be written.
    #[error("cannot write {path}")]
    WriteAuthority {
        /// Where it should have gone.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl From<LabError> for std::io::Error {
    /// Inside a served connection a certificate that cannot be made ends that connection only.
    fn from(error: LabError) -> Self {
        Self::other(error)
    }
}
