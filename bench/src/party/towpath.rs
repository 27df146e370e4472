//! The gateway itself: plain WebSocket clients passed through, and sessions on the websocket transport.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, free_address};
use anyhow::{Context as _, Result};

pub(super) const PASS_THROUGH: Party = Party {
    name: "towpath pass-through",
    what: "`towpath serve`, plain WebSocket client",
    has_tls: true,
    start: pass_through,
};

pub(super) const SESSION: Party = Party {
    name: "towpath session",
    what: "`towpath serve`, session on the websocket transport",
    has_tls: true,
    start: session,
};

fn pass_through(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "/", Speech::Plain)
}

fn session(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "/.towpath/websocket", Speech::Session)
}

fn start(site: &Site<'_>, path: &'static str, speech: Speech) -> Result<Option<Started>> {
    let program = std::path::absolute(&site.settings.towpath)?;
    if !super::knows(&program, "serve") {
        return Ok(None);
    }
    let address = free_address()?;
    let program = program.to_str().context("a path that is no text")?;
    let file = site.write("towpath.toml", &configuration(site, &address.to_string()))?;
    let line = [program, "serve", "--config", &file];
    let program = Program::start(Core::Party, &line, site.folder, Log::File(&site.log()))?;
    Ok(Some(Started {
        programs: vec![program],
        target: Target {
            address,
            path,
            speech,
            shape: Shape::KILOBYTE,
            is_page: true,
            tls: None,
        },
    }))
}

/// Limits per address are for the internet; here everybody comes from a few addresses.
fn configuration(site: &Site<'_>, address: &str) -> String {
    let tls = site.tls.map_or(String::new(), |identity| {
        format!(
            "[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
            identity.certificate, identity.key
        )
    });
    format!(
        "listen = [\"{address}\"]\n{tls}[upstream]\nurl = \"ws://{}\"\n\
         [limits]\nconnections = 100000\nconnections_per_address = 100000\n\
         sessions = 100000\nsessions_per_address = 100000\n",
        site.backend
    )
}
