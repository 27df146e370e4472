//! Apache's `httpd` as reverse proxy.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// `httpd` with these directives in its main section; `modules` beyond the usual ones, separated by spaces.
pub fn start(modules: &str, directives: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    let path = folder.path().display();
    let load = "mpm_event authz_core authz_host proxy proxy_http headers reqtimeout"
        .split_whitespace()
        .chain(modules.split_whitespace())
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect::<Vec<_>>()
        .concat();
    let settings = format!(
        "ServerRoot {path}\nServerName localhost\nPidFile {path}/pid\nListen 127.0.0.1:{port}\n{load}\
         Mutex pthread\nErrorLog {path}/error.log\nDocumentRoot {path}\n{directives}\n"
    );
    let settings = folder.write("httpd.conf", &settings);
    let mut command = Command::new("apache2");
    command.arg("-X").arg("-f").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
