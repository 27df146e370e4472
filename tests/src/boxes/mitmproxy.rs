//! mitmproxy's `mitmdump`, an inspecting proxy that passes WebSockets.

use std::process::Command;

use crate::support::certificates::text;
use crate::support::{Authority, Folder, Program, port};

use super::{Running, here};

/// An inspecting proxy that signs with one authority and trusts another towards servers.
///
/// `spoil` names what `tests/python/mitm_frames.py` does to the traffic; nothing where empty.
pub fn start(signer: &Authority, upstream: &Authority, spoil: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    std::fs::copy(
        signer.root_with_key(),
        folder.path().join("mitmproxy-ca.pem"),
    )
    .expect("the authority's files are there");
    let mut command = Command::new("mitmdump");
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args([
            "--listen-host",
            "127.0.0.1",
            "--listen-port",
            &port.to_string(),
        ])
        .args(["--set", &format!("confdir={}", folder.path().display())])
        .args([
            "--set",
            &format!("ssl_verify_upstream_trusted_ca={}", text(&upstream.root())),
        ]);
    if !spoil.is_empty() {
        command.env("SPOIL", spoil);
        command.arg("--scripts").arg(here("python/mitm_frames.py"));
    }
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
