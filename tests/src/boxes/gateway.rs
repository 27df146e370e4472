//! The gateway under test, as an operator would start it.

use std::process::Command;

use super::Running;
use crate::support::certificates::{Identity, text};
use crate::support::{Folder, Program, check, port};

/// `towpath serve` with no file, in front of a loopback port.
pub fn start(upstream: u16) -> Running {
    configured(upstream, "")
}

/// The same with these further lines of `towpath.toml`, top-level ones first.
pub fn configured(upstream: u16, settings: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let mut command = Command::new(check::binary());
    command.arg("serve");
    if !settings.is_empty() {
        command
            .arg("--config")
            .arg(folder.write("towpath.toml", settings));
    }
    command
        .args(["--upstream", &format!("ws://127.0.0.1:{upstream}")])
        .args(["--listen", &format!("127.0.0.1:{port}")]);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// The same with TLS of its own.
pub fn start_tls(upstream: u16, identity: &Identity, settings: &str) -> Running {
    let (certificate, key) = (text(&identity.chain()), text(&identity.key()));
    let tls = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    configured(upstream, &format!("{settings}\n{tls}"))
}
