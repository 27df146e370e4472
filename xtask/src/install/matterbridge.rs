//! Builds Matterbridge where a Go toolchain is, for the tests that hold its stand-in to the real program.
//!
//! The one part that may be missing: there is no package of it, and few machines have Go. It must never fail an installation.

use super::Change;
use crate::process::{command, find, must_succeed};
use std::path::Path;

/// The release that the tests are written for.
const MODULE: &str = "github.com/42wim/matterbridge@v1.26.0";

/// Every bridge but the API and IRC is left out: the others bring some hundred megabytes.
const TAGS: &str = "nodiscord,nogitter,noharmony,nokeybase,nomastodon,nomatrix,nomattermost,nomsteams,nomumble,nonctalk,norocketchat,\
    noslack,nosshchat,nosteam,notelegram,novk,nowhatsapp,nowhatsappmulti,noxmpp,nozulip";

/// How long downloading and building may take.
const PATIENCE: &str = "10m";

/// Runs `go install`, unless it was done before or cannot be done here.
pub(super) fn run(root: &Path) -> Change {
    let folder = super::tools_folder(root);
    if folder.join("matterbridge").is_file() {
        return Change::None;
    }
    if find("go").is_none() {
        println!(
            "install: no Matterbridge, for want of Go (the program go); its tests say that they are skipped"
        );
        return Change::LeftOut;
    }
    println!("install: {MODULE} by go install, into {}", folder.display());
    let mut install = command(
        "timeout",
        &[PATIENCE, "go", "install", "-tags", TAGS, MODULE],
        root,
    );
    match must_succeed(install.env("GOBIN", &folder)) {
        Ok(()) => Change::Installed,
        Err(error) => {
            println!("install: no Matterbridge ({error:#}); its tests say that they are skipped");
            Change::LeftOut
        }
    }
}
