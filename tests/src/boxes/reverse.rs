//! Further reverse proxies and TLS terminators: Caddy, lighttpd, nghttpx, stunnel.

use std::process::Command;

use crate::support::certificates::{Identity, text};
use crate::support::{Folder, Program, port};

use super::Running;

/// Caddy with this site.
pub fn caddy(site: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let settings = folder.write(
        "Caddyfile",
        &format!("{{\n admin off\n auto_https off\n}}\nhttp://127.0.0.1:{port} {{\n{site}\n}}\n"),
    );
    let mut command = Command::new("caddy");
    command
        .env("XDG_CONFIG_HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path())
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// lighttpd in front of a loopback port; `upgrade` says whether it lets upgrades through.
pub fn lighttpd(backend: u16, upgrade: bool) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let word = if upgrade { "enable" } else { "disable" };
    let settings = folder.write(
        "lighttpd.conf",
        &format!(
            "server.modules = (\"mod_proxy\")\nserver.document-root = \"{}\"\nserver.bind = \"127.0.0.1\"\n\
             server.port = {port}\nproxy.server = (\"\" => ((\"host\" => \"127.0.0.1\", \"port\" => {backend})))\n\
             proxy.header = (\"upgrade\" => \"{word}\")\n",
            folder.path().display()
        ),
    );
    let mut command = Command::new("lighttpd");
    command.arg("-D").arg("-f").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// nghttpx with TLS in front of a loopback port. It speaks HTTP/2 and carries WebSockets over it (RFC 8441).
pub fn nghttpx(identity: &Identity, backend: u16, options: &[&str]) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let settings = folder.write("nghttpx.conf", "");
    let mut command = Command::new("nghttpx");
    command
        .args([
            &format!("--frontend=127.0.0.1,{port}"),
            &format!("--backend=127.0.0.1,{backend}"),
            "--workers=1",
            "--single-process",
            "--no-ocsp",
        ])
        .arg(format!("--conf={}", settings.display()))
        .args(options)
        .arg(identity.key())
        .arg(identity.chain());
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// stunnel: TLS in front of a loopback port, and nothing else. `options` are lines of its service.
pub fn stunnel(identity: &Identity, backend: u16, options: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let settings = folder.write(
        "stunnel.conf",
        &format!(
            "foreground = yes\npid =\n[service]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{backend}\n\
             cert = {}\nkey = {}\n{options}\n",
            text(&identity.chain()),
            text(&identity.key())
        ),
    );
    let mut command = Command::new("stunnel4");
    command.arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
