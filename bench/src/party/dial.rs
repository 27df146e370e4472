//! `towpath dial` as users run it: a local endpoint that reaches the backend natively, or by a browser of either kind.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, find, free_address};
use anyhow::{Context as _, Result};

pub(super) const DIRECT: Party = Party {
    name: "dial direct",
    what: "`towpath dial --via direct`: what the local endpoint costs",
    has_tls: false,
    start: direct,
};

pub(super) const HEADLESS_SHELL: Party = Party {
    name: "dial browser, headless shell",
    what: "`towpath dial --via browser` with chromium-headless-shell",
    has_tls: false,
    start: headless_shell,
};

pub(super) const CHROMIUM: Party = Party {
    name: "dial browser, Chromium",
    what: "`towpath dial --via browser` with the full browser",
    has_tls: false,
    start: chromium,
};

fn direct(site: &Site<'_>) -> Result<Option<Started>> {
    start(site, "direct", "none")
}

fn headless_shell(site: &Site<'_>) -> Result<Option<Started>> {
    by_browser(site, "chromium-headless-shell")
}

fn chromium(site: &Site<'_>) -> Result<Option<Started>> {
    by_browser(site, "chromium")
}

fn by_browser(site: &Site<'_>, browser: &str) -> Result<Option<Started>> {
    match find(browser) {
        Some(browser) => start(site, "browser", &browser.to_string_lossy()),
        None => Ok(None),
    }
}

fn start(site: &Site<'_>, via: &str, browser: &str) -> Result<Option<Started>> {
    let program = std::path::absolute(&site.settings.towpath)?;
    if !super::knows(&program, "dial") {
        return Ok(None);
    }
    let address = free_address()?;
    let program = program.to_str().context("a path that is no text")?;
    let (listen, url) = (address.to_string(), format!("ws://{}/", site.backend));
    let browser = format!("TOWPATH_BROWSER={browser}");
    let mut line = vec!["env", &browser, program, "dial", &url];
    line.extend(["--via", via, "--listen", &listen]);
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
