//! Varnish, a cache in front of a server.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// Varnish in front of a loopback port, with this further VCL.
pub fn start(backend: u16, vcl: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let vcl = format!(
        "vcl 4.1;\nbackend default {{ .host = \"127.0.0.1\"; .port = \"{backend}\"; }}\n{vcl}\n"
    );
    let vcl = folder.write("default.vcl", &vcl);
    let mut command = Command::new("varnishd");
    command
        .arg("-F")
        .args(["-a", &format!("127.0.0.1:{port}"), "-s", "default,8m"])
        .args(["-p", "thread_pools=1", "-p", "thread_pool_min=10"])
        .arg("-n")
        .arg(folder.path().join("state"))
        .arg("-f")
        .arg(vcl);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
