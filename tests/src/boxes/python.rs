//! The servers of `tests/python`, run by Debian's own Python with Debian's own libraries; and websockify,
//! which carries another protocol inside a WebSocket.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::{Running, here};

/// Starts a script of `tests/python`.
pub fn start(script: &str, arguments: &[&str]) -> Running {
    let port = port::free();
    let mut command = Command::new("/usr/bin/python3");
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(here("python").join(script))
        .arg(port.to_string())
        .args(arguments);
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}

/// websockify: a WebSocket's bytes, to and from a plain TCP service.
pub fn websockify(service: u16) -> Running {
    let port = port::free();
    let mut command = Command::new("websockify");
    command.args([format!("127.0.0.1:{port}"), format!("127.0.0.1:{service}")]);
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}
