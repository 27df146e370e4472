//! The servers of `tests/python`, run by Debian's own Python with Debian's own libraries.

use std::process::Command;

use towpath_tests::support::{Folder, Program, port};

use super::{Running, here};

/// Starts a script of `tests/python`.
pub(crate) fn start(script: &str, arguments: &[&str]) -> Running {
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
