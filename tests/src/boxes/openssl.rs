//! `openssl s_server`: a TLS server that nobody here wrote, with any version and any cipher.

use std::process::Command;

use crate::support::certificates::{Identity, text};
use crate::support::{Folder, Program, port};

use super::Running;

/// A TLS server with these options, which answers every request with a page.
pub fn start(identity: &Identity, options: &str) -> Running {
    let port = port::free();
    let mut command = Command::new("openssl");
    command
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-accept",
            &format!("127.0.0.1:{port}"),
        ])
        .args([
            "-cert",
            &text(&identity.chain()),
            "-cert_chain",
            &text(&identity.chain()),
        ])
        .args(["-key", &text(&identity.key())])
        .args(options.split_whitespace());
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}
