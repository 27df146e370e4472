//! No gateway at all: the echo backend itself on the party's core. It is the floor of what an echo costs.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, free_address};
use anyhow::{Context as _, Result};

pub(super) const PARTY: Party = Party {
    name: "direct",
    what: "no gateway: the echo backend alone, the floor",
    has_tls: false,
    start,
};

pub(super) const NATIVE: Party = Party {
    name: "native",
    what: "no browser and nothing between: the echo backend alone; its CPU is that of an echo",
    has_tls: false,
    start: native,
};

fn start(site: &Site<'_>) -> Result<Option<Started>> {
    echo(site, Core::Party)
}

fn native(site: &Site<'_>) -> Result<Option<Started>> {
    echo(site, Core::Any)
}

fn echo(site: &Site<'_>, core: Core) -> Result<Option<Started>> {
    let address = free_address()?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("a path that is no text")?;
    let line = [program, "echo", &address.to_string()];
    let program = Program::start(core, &line, site.folder, Log::File(&site.log()))?;
    Ok(Some(Started {
        programs: vec![program],
        target: Target {
            address,
            path: "/",
            speech: Speech::Plain,
            shape: Shape::KILOBYTE,
            is_page: true,
            tls: None,
        },
    }))
}
