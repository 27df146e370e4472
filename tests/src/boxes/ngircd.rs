//! ngIRCd, an IRC server without `IRCv3`: no history, no echo, no times.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// A server that takes everybody and everything at any rate.
pub fn start() -> Running {
    start_at(port::free(), "")
}

/// The same on a port of the caller's choice, with further sections of its settings.
pub fn start_at(port: u16, settings: &str) -> Running {
    let folder = Folder::new();
    let settings = format!(
        "[Global]\nName = irc.lab.test\nInfo = a server of the tests\nListen = 127.0.0.1\nPorts = {port}\n\
         MotdPhrase = hello\n[Limits]\nMaxConnectionsIP = 0\nMaxJoins = 100\nMaxNickLength = 30\n\
         MaxPenaltyTime = 0\nPingTimeout = 120\nPongTimeout = 60\n[Options]\nDNS = no\nIdent = no\nPAM = no\n{settings}\n"
    );
    let settings = folder.write("ngircd.conf", &settings);
    let mut command = Command::new("ngircd");
    command.arg("--nodaemon").arg("--config").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
