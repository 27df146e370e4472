//! Dante's `danted`, a SOCKS proxy.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// A SOCKS proxy with these rules. `method` is how clients prove themselves, for example `none`.
pub fn start(method: &str, rules: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let settings = format!(
        "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: 127.0.0.1\n\
         clientmethod: none\nsocksmethod: {method}\nuser.privileged: root\nuser.unprivileged: nobody\n\
         client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}\n{rules}\n"
    );
    let settings = folder.write("danted.conf", &settings);
    let mut command = Command::new("danted");
    command
        .arg("-f")
        .arg(settings)
        .arg("-p")
        .arg(folder.path().join("pid"));
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
