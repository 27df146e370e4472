//! puppeteer-core from npm doing what `towpath dial` does: a local endpoint, and sockets inside a page.
//!
//! What the page hears comes by `exposeFunction`, what it shall say goes by `evaluate`. One page has all sockets,
//! and the browser is started before anybody connects: its best case.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, find, free_address};
use anyhow::{Context as _, Result};

pub(super) const HEADLESS_SHELL: Party = Party {
    name: "puppeteer, headless shell",
    what: "puppeteer-core's `exposeFunction` behind a local `ws` server, chromium-headless-shell by pipe",
    has_tls: false,
    start: headless_shell,
};

pub(super) const CHROMIUM: Party = Party {
    name: "puppeteer, Chromium",
    what: "the same with the full browser",
    has_tls: false,
    start: chromium,
};

fn headless_shell(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "chromium-headless-shell")
}

fn chromium(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "chromium")
}

fn start(site: &Site<'_>, browser: &str) -> Result<Option<Started>> {
    let npm = &site.settings.npm;
    let installed = npm.join("node_modules/puppeteer-core").is_dir();
    let (Some(node), Some(browser), true) = (find("node"), find(browser), installed) else {
        return Ok(None);
    };
    let address = free_address()?;
    let script = std::path::absolute(npm.join("puppeteer.mjs"))?;
    let script = script.to_str().context("a path that is no text")?;
    let (node, browser) = (node.to_string_lossy(), browser.to_string_lossy());
    let (port, backend) = (address.port().to_string(), site.backend.to_string());
    let line = [&*node, script, &port, &backend, &*browser];
    let program = Program::start(Core::Any, &line, site.folder, Log::File(&site.log()))?;
    Ok(Some(Started {
        programs: vec![program],
        target: Target {
            address,
            path: "/",
            speech: Speech::Plain,
            shape: Shape::SMALL_TEXT,
            is_page: false,
            tls: None,
        },
    }))
}
