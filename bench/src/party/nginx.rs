//! nginx as a plain reverse proxy with the upgrade headers set, one worker.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, find, free_address};
use anyhow::Result;

pub(super) const PARTY: Party = Party {
    name: "nginx",
    what: "reverse proxy, one worker",
    has_tls: true,
    start,
};

fn start(site: &Site<'_>) -> Result<Option<Started>> {
    let Some(program) = find("nginx") else {
        return Ok(None);
    };
    let address = free_address()?;
    let file = site.write("nginx.conf", &configuration(site, &address.to_string()))?;
    let program = program.to_string_lossy();
    let folder = site.folder.to_string_lossy();
    let line = [&*program, "-p", &*folder, "-c", &file];
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

fn configuration(site: &Site<'_>, address: &str) -> String {
    let folder = site.folder.display();
    let (word, tls) = site.tls.map_or((String::new(), String::new()), |identity| {
        let files = format!(
            "ssl_certificate {}; ssl_certificate_key {};",
            identity.certificate, identity.key
        );
        (" ssl".to_owned(), files)
    });
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};"))
        .join("\n");
    // Debian's build drops root for `nobody`, who may not enter the folder.
    let user = if is_root() { "user root;\n" } else { "" };
    format!(
        "{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log stderr error;\n\
         events {{ worker_connections 40000; }}\n\
         http {{\naccess_log off;\n{temporary}\n\
         server {{\nlisten {address}{word} backlog=4096;\n{tls}\n\
         location / {{\nproxy_pass http://{};\nproxy_http_version 1.1;\n\
         proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;\n\
         proxy_set_header Host $http_host;\nproxy_read_timeout 1h;\nproxy_send_timeout 1h;\n}}\n}}\n}}\n",
        site.backend
    )
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|text| text.lines().any(|line| line.starts_with("Uid:\t0\t")))
}
