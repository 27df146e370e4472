//! nginx, as reverse proxy and as server.

use std::process::Command;

use crate::support::certificates::{Identity, text};
use crate::support::{Folder, Program, port};

use super::Running;

/// The three lines of the manual that let an upgrade through.
pub const UPGRADE: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
    proxy_set_header Connection $connection_upgrade;";

/// nginx with this inside its `server` block.
pub fn start(server: &str) -> Running {
    listen("", server)
}

/// The same with TLS. `options` stand after `ssl` in `listen`, for example `http2`.
pub fn start_tls(identity: &Identity, options: &str, server: &str) -> Running {
    let (chain, key) = (text(&identity.chain()), text(&identity.key()));
    listen(
        &format!("ssl {options}"),
        &format!("ssl_certificate {chain}; ssl_certificate_key {key}; {server}"),
    )
}

/// The same without TLS, speaking HTTP/2 to those who know beforehand.
pub fn start_http2(server: &str) -> Running {
    listen("http2", server)
}

fn listen(options: &str, server: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let path = folder.path().display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {path}/{name};\n"))
        .concat();
    let settings = format!(
        "daemon off; master_process off; user root; pid {path}/pid; error_log stderr;
        events {{ worker_connections 256; }}
        http {{
            access_log off; {temporary}
            map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
            limit_req_zone $binary_remote_addr zone=requests:1m rate=1r/m;
            server {{ listen 127.0.0.1:{port} {options}; {server} }}
        }}"
    );
    let settings = folder.write("nginx.conf", &settings);
    let mut command = Command::new("nginx");
    command.arg("-e").arg("stderr").arg("-p").arg(folder.path());
    command.arg("-c").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
