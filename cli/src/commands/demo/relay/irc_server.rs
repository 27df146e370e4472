//! A real IRC server that nobody here wrote: ngircd. It must never listen beyond loopback.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::super::folder::Folder;
use super::super::held::Held;

/// A running server; it ends when dropped.
pub(super) struct IrcServer {
    address: SocketAddr,
    _child: Child,
}

impl IrcServer {
    pub(super) async fn start(folder: &Folder) -> anyhow::Result<Self> {
        let program = find("ngircd").context(
            "the relay's demo needs an IRC server, ngircd (Debian and Ubuntu: apt install ngircd)",
        )?;
        let address = Held::take(SocketAddr::from(([127, 0, 0, 1], 0)))?.release();
        let settings = format!(
            "[Global]\nName = irc.demo.test\nInfo = Towpath's demo\nListen = 127.0.0.1\nPorts = {}\nMotdPhrase = hello\n\
             [Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nMaxNickLength = 30\n[Options]\nDNS = no\nIdent = no\nPAM = no\n",
            address.port()
        );
        let settings = folder.write("ngircd.conf", &settings)?;
        let child = Command::new(program)
            .arg("--nodaemon")
            .arg("--config")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("ngircd does not start")?;
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(super::LOOK_EVERY).await;
            }
        };
        let started = tokio::time::timeout(super::PATIENCE, listens).await;
        started.context("ngircd does not listen")?;
        Ok(Self {
            address,
            _child: child,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A program of the system; servers often stand where ordinary users' `PATH` does not look.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SERVERS.iter().map(PathBuf::from));
    folders
        .map(|folder| folder.join(name))
        .find(|file| Path::is_file(file))
}

const SERVERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];
