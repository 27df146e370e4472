//! Why an endpoint cannot start: each message says what, and how to mend it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// An endpoint that cannot start. All of it is the user's to change.
#[derive(Debug, Error)]
pub enum DialError {
    /// Neither `ws` nor `wss`.
    #[error("a WebSocket's address begins with ws:// or wss://")]
    Scheme,
    /// Other machines could connect.
    #[error(
        "{listen} can be reached by other machines; a loopback address such as 127.0.0.1 cannot. \
         If others are to connect, add --beyond-loopback and --access-token-file"
    )]
    BeyondLoopback {
        /// Where.
        listen: SocketAddr,
    },
    /// Other machines could connect without showing anything.
    #[error(
        "{listen} can be reached by other machines, which needs a secret: add --access-token-file FILE (made if it is not there)"
    )]
    NoAccessToken {
        /// Where.
        listen: SocketAddr,
    },
    /// An Origin that no browser sends.
    #[error("`{given}` is not an Origin as browsers send it, for example `{suggestion}`")]
    Origin {
        /// What was given.
        given: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// A host name that is none.
    #[error("`{given}` is not a host name; it is given without scheme and port")]
    Host {
        /// What was given.
        given: String,
    },
    /// The access token's file cannot be used.
    #[error("the access token in {} cannot be used", path.display())]
    AccessToken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The signals that end a program cannot be waited for.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
}
