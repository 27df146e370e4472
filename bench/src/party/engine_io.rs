//! engine.io from npm on its websocket transport, without compression, polling and upgrade.
//!
//! Twice: echoing by itself, which is its best case and no gateway's work, and with a `ws` client to the backend
//! for each session, which is the work that a gateway does.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, find, free_address};
use anyhow::{Context as _, Result};

pub(super) const ECHO: Party = Party {
    name: "engine.io echo",
    what: "echoes by itself, no backend leg: its best case, and half of a gateway's work",
    has_tls: false,
    start: echo,
};

pub(super) const RELAY: Party = Party {
    name: "engine.io relay",
    what: "a session of engine.io with its own `ws` connection to the backend: a gateway's work",
    has_tls: false,
    start: relay,
};

fn echo(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "engine-io.mjs")
}

fn relay(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "engine-io-relay.mjs")
}

fn start(site: &Site<'_>, script: &str) -> Result<Option<Started>> {
    let script = site.settings.npm.join(script);
    let installed = site.settings.npm.join("node_modules/engine.io").is_dir();
    let (Some(node), true) = (find("node"), installed) else {
        return Ok(None);
    };
    let address = free_address()?;
    let script = std::path::absolute(script)?;
    let script = script.to_str().context("a path that is no text")?;
    let node = node.to_string_lossy();
    let backend = format!("ws://{}", site.backend);
    let line = [&*node, script, &address.port().to_string(), &backend];
    let program = Program::start(Core::Party, &line, site.folder, Log::File(&site.log()))?;
    Ok(Some(Started {
        programs: vec![program],
        target: Target {
            address,
            path: "/engine.io/?EIO=4&transport=websocket",
            speech: Speech::EngineIo,
            shape: Shape::KILOBYTE,
            is_page: true,
            tls: None,
        },
    }))
}
