//! HAProxy as a plain reverse proxy in HTTP mode, one thread.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{self, Core, Log, Program, find, free_address};
use anyhow::Result;

pub(super) const PARTY: Party = Party {
    name: "haproxy",
    what: "reverse proxy, HTTP mode, one thread",
    has_tls: true,
    start,
};

fn start(site: &Site<'_>) -> Result<Option<Started>> {
    let Some(program) = find("haproxy") else {
        return Ok(None);
    };
    let address = free_address()?;
    let tls = site
        .tls
        .map(|identity| format!(" ssl crt {}", identity.both))
        .unwrap_or_default();
    let configuration = format!(
        "global\n nbthread 1\n maxconn {}\n\
         defaults\n mode http\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n timeout tunnel 1h\n\
         frontend in\n bind {address}{tls}\n default_backend out\n\
         backend out\n server echo {}\n",
        // The probes of whether it listens count too.
        process::sessions_max() + 20,
        site.backend
    );
    let file = site.write("haproxy.cfg", &configuration)?;
    let program = program.to_string_lossy();
    let line = [&*program, "-db", "-f", &file];
    Ok(Some(Started {
        programs: vec![Program::start(
            Core::Party,
            &line,
            site.folder,
            Log::File(&site.log()),
        )?],
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
