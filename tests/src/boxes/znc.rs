//! ZNC, a bouncer: it stays on a server while its user is away, and tells what was said meanwhile.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// A bouncer whose user `bargee` with the password `sesame` is on the server at this port, in `#x`.
pub fn start(server: u16) -> Running {
    let folder = Folder::new();
    let port = port::free();
    let settings = format!(
        "Version = 1.8.2\nProtectWebSessions = false\nAnonIPLimit = 1000\nConnectDelay = 0\n\
         <Listener lab>\nHost = 127.0.0.1\nPort = {port}\nIPv4 = true\nIPv6 = false\nSSL = false\nAllowIRC = true\nAllowWeb = false\n</Listener>\n\
         <User bargee>\nNick = towpath\nAltNick = towpath_\nIdent = towpath\nRealName = a relay\nBuffer = 500\n\
         AutoClearChanBuffer = false\nAutoClearQueryBuffer = false\n\
         <Network lab>\nServer = 127.0.0.1 {server}\n<Chan #x>\n</Chan>\n</Network>\n\
         <Pass password>\nMethod = plain\nHash = sesame\n</Pass>\n</User>\n"
    );
    std::fs::create_dir_all(folder.path().join("configs")).expect("the folder is writable");
    folder.write("configs/znc.conf", &settings);
    // It makes root wait for half a minute; in a namespace of its own nobody is root, and files stay their owner's.
    let mut command = Command::new("unshare");
    command.args(["--user", "znc", "--foreground", "--datadir"]);
    command.arg(folder.path());
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
