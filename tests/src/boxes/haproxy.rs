//! `HAProxy`, as reverse proxy for HTTP and for plain TCP.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// `HAProxy` in front of a loopback port: `defaults` hold its timeouts, `frontend` its rules.
///
/// `bind` stands after the address, for example `ssl crt FILE`.
pub fn start(defaults: &str, bind: &str, frontend: &str, backend: u16) -> Running {
    balance(defaults, bind, frontend, &[backend])
}

/// The same before several ports, which take turns.
pub fn balance(defaults: &str, bind: &str, frontend: &str, backends: &[u16]) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let servers = backends
        .iter()
        .map(|port| format!("  server s{port} 127.0.0.1:{port}\n"))
        .collect::<Vec<_>>()
        .concat();
    let settings = format!(
        "global\n  maxconn 200\ndefaults\n  mode http\n{defaults}\n\
         frontend front\n  bind 127.0.0.1:{port} {bind}\n{frontend}\n  default_backend back\n\
         backend back\n  balance roundrobin\n{servers}"
    );
    let settings = folder.write("haproxy.cfg", &settings);
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// Timeouts under which an open socket may stay open.
pub const PATIENT: &str =
    "  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n  timeout tunnel 1h";
