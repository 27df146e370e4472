//! Small forward proxies: Tinyproxy and Privoxy.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// Tinyproxy with these further settings.
pub fn tinyproxy(settings: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    // Nothing matches, so that where only matches may pass, nothing may.
    folder.write("filter", "^allowed\\.example$\n");
    let settings = settings.replace("{folder}", &folder.path().display().to_string());
    let settings = format!(
        "Port {port}\nListen 127.0.0.1\nTimeout 60\nLogLevel Warning\nMaxClients 50\n{settings}\n"
    );
    let settings = folder.write("tinyproxy.conf", &settings);
    let mut command = Command::new("tinyproxy");
    command.arg("-d").arg("-c").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// Privoxy, which filters what it sees, with these user actions.
pub fn privoxy(actions: &str) -> Running {
    let port = port::free();
    let folder = Folder::new();
    folder.write("user.action", actions);
    let settings = format!(
        "confdir {0}\nlogdir {0}\ntempldir /etc/privoxy/templates\nactionsfile user.action\n\
         listen-address 127.0.0.1:{port}\ntoggle 1\n",
        folder.path().display()
    );
    let settings = folder.write("config", &settings);
    let mut command = Command::new("privoxy");
    command.arg("--no-daemon").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
