//! The npm servers of `tests/npm`.

use std::process::Command;

use crate::support::certificates::{Identity, text};
use crate::support::{Folder, Namespace, Program, port};

use super::{Running, here};

/// Starts a script of `tests/npm` with arguments separated by spaces.
pub fn start(script: &str, arguments: &str) -> Running {
    run(
        script,
        arguments.split_whitespace().map(str::to_owned).collect(),
    )
}

/// The same with TLS.
pub fn start_tls(script: &str, arguments: &str, identity: &Identity) -> Running {
    let mut all: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    all.extend(["--cert".to_owned(), text(&identity.chain())]);
    all.extend(["--key".to_owned(), text(&identity.key())]);
    run(script, all)
}

/// Starts a script on a port inside a namespace, reached at any of its addresses.
pub fn start_in(namespace: &Namespace, script: &str, port: u16, arguments: &[&str]) -> Program {
    let mut command = namespace.command("node");
    command
        .arg(here("npm").join(script))
        .args(["--host", "::", "--port", &port.to_string()])
        .args(arguments);
    Program::start(Folder::new(), &mut command).listening_in(namespace, port)
}

/// The plain echo of npm's `ws`.
pub fn echo() -> Running {
    start("ws-echo.mjs", "")
}

fn run(script: &str, arguments: Vec<String>) -> Running {
    let port = port::free();
    let mut command = Command::new("node");
    command
        .arg(here("npm").join(script))
        .args(["--port", &port.to_string()])
        .args(arguments);
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}
