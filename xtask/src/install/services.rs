//! Keeps the services that packages bring along from starting, at install and at the next boot.
//!
//! The tests start their own copies on loopback ports with their own settings; a system service would take port 80.

use crate::process::{command, quiet};
use anyhow::{Context as _, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// While this lives, Debian's package scripts start no service.
#[derive(Debug)]
pub(super) struct Asleep {
    /// Whether the policy file is ours and has to go again.
    ours: bool,
}

/// Writes Debian's policy file that forbids starting services, unless the machine has one of its own.
pub(super) fn keep_asleep() -> Result<Asleep> {
    // A file of ours left by a killed run is ours to remove.
    let ours = match fs::read_to_string(POLICY) {
        Ok(text) => text.contains(MARK),
        Err(_) => true,
    };
    if ours {
        fs::write(POLICY, format!("#!/bin/sh\n# {MARK}\nexit 101\n"))
            .with_context(|| format!("cannot write {POLICY}"))?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {POLICY} executable"))?;
    }
    Ok(Asleep { ours })
}

impl Drop for Asleep {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("warning: remove {POLICY} by hand, it keeps services from starting: {error}");
        }
    }
}

/// Keeps freshly installed services from starting at the next boot. Only systemd enables them at install.
pub(super) fn disable(root: &Path, services: &[&str]) {
    if !Path::new("/run/systemd/system").exists() {
        return;
    }
    for service in services {
        if quiet(&mut command(
            "systemctl",
            &["disable", "--now", service],
            root,
        ))
        .is_none()
        {
            eprintln!(
                "warning: could not disable the service {service}; it may start at the next boot"
            );
        }
    }
}

const POLICY: &str = "/usr/sbin/policy-rc.d";
const MARK: &str = "Written by `cargo xtask test` while it installs packages; safe to delete.";
