//! A Kosmi server that lets only browsers in.

use std::process::Command;

use towpath_tests::boxes::Running;
use towpath_tests::support::{Folder, Program, check, port};

use crate::kosmi::{Kosmi, Server};
use crate::pair::{Pair, ROOM};
use crate::process::Relay;
use crate::settings;

#[test]
fn through_a_browser_where_nothing_else_gets_in() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    let folder = Folder::new();
    let trusted = folder.path().join("trusted.pem");
    let gate = gate_before(near.port(), &trusted.display().to_string());
    // The login is let through, as it was at the real one.
    let settings = format!("[network]\ncacert = \"{}\"\n", trusted.display())
        + &settings::kosmi("near", &near, "", "")
            .replace(&near.url(), &gate.wss("/gql-ws"))
            .replace("via = \"direct\"", "via = \"auto\"")
        + &settings::kosmi("far", &far, "", "")
        + &settings::link("lounge", &[("kosmi.near", ROOM), ("kosmi.far", ROOM)]);
    let relay = Relay::ready(&settings);
    let pair = Pair { near, far, relay };
    pair.passes_on("out through the browser");
    pair.brings("in through the browser");
    let status = pair.relay.status();
    let way = status["sides"]["kosmi.near"]["way"].to_string();
    assert!(way.contains("browser"), "{status:#}");
}

/// A gate that resets every ClientHello but a browser's.
fn gate_before(upstream: u16, trusted: &str) -> Running {
    let port = port::free();
    let mut command = Command::new(check::binary());
    command
        .args([
            "lab",
            "only-browsers",
            "--listen",
            &format!("127.0.0.1:{port}"),
        ])
        .args(["--upstream", &format!("127.0.0.1:{upstream}")])
        .args(["--ca-out", trusted]);
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}
