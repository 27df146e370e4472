//! The relay as a process of its own, started from this very program, so that it can be killed. Its files are in the demo's folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use towpath_lab::Kosmi;

use super::super::folder::Folder;
use super::super::held::Held;
use super::irc_server::IrcServer;
use super::{IRC_ROOM, KOSMI_ROOM};

/// The relay, running or not.
pub(super) struct RelayProcess {
    folder: PathBuf,
    configuration: PathBuf,
    status: SocketAddr,
    child: Option<Child>,
}

impl RelayProcess {
    /// Writes the configuration.
    pub(super) fn configured(
        folder: &Folder,
        kosmi: &Kosmi,
        irc: &IrcServer,
    ) -> anyhow::Result<Self> {
        let status = Held::take(SocketAddr::from(([127, 0, 0, 1], 0)))?.release();
        let configuration = format!(
            "state = \"relay.sqlite\"\n\n[status]\nlisten = \"{status}\"\n\n\
             [kosmi.demo]\nlogin = \"anonymous\"\nurl = \"{}\"\nlogin_url = \"{}\"\n\n\
             [irc.demo]\nserver = \"{}\"\ntls = false\nnick = \"{NICK}\"\n\n\
             [[link]]\nname = \"lounge\"\nmembers = [\n  {{ side = \"kosmi.demo\", room = \"{KOSMI_ROOM}\" }},\n  \
             {{ side = \"irc.demo\", room = \"{IRC_ROOM}\" }},\n]\n",
            kosmi.url(),
            kosmi.login_url(),
            irc.address(),
        );
        Ok(Self {
            folder: folder.path().to_owned(),
            configuration: folder.write("relay.toml", &configuration)?,
            status,
            child: None,
        })
    }

    /// Starts it, and waits until both sides are ready.
    pub(super) async fn start(&mut self) -> anyhow::Result<()> {
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut command = Command::new(program);
        command
            .args(["relay", "--config"])
            .arg(&self.configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        // Tokens and whatever else a user's programs keep stay in the folder too.
        for variable in [
            "HOME",
            "XDG_STATE_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
        ] {
            command.env(variable, &self.folder);
        }
        let mut child = command.spawn().context("the relay does not start")?;
        let ready = async {
            while !self.is_ready().await {
                tokio::time::sleep(super::LOOK_EVERY).await;
            }
        };
        tokio::select! {
            ready = tokio::time::timeout(super::PATIENCE, ready) => ready.context("the relay is not ready in time")?,
            ended = child.wait() => anyhow::bail!("the relay ended: {}", ended?),
        }
        self.child = Some(child);
        Ok(())
    }

    /// Kills it in the middle of whatever it does.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Ends it. What it still has to say is in the folder, which goes too.
    pub(super) async fn end(mut self) {
        // A process that is gone already is as good as ended.
        self.kill().await.ok();
    }

    pub(super) fn status_url(&self) -> String {
        format!("http://{}/", self.status)
    }

    /// The memory that it holds beside what it has mapped of the program's file, and all of it, in bytes, where the system tells.
    pub(super) fn memory(&self) -> Option<(u64, u64)> {
        let process = self.child.as_ref()?.id()?;
        let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let bytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kilobytes * 1024)
        };
        Some((bytes("Pss_Anon:")?, bytes("Rss:")?))
    }

    async fn is_ready(&self) -> bool {
        self.health()
            .await
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    async fn health(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.status).await?;
        let request = format!(
            "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.status
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream
            .take(ANSWER_BYTES_MAX)
            .read_to_string(&mut answer)
            .await?;
        Ok(answer)
    }
}

/// The relay's nickname.
pub(super) const NICK: &str = "towpath";

const ANSWER_BYTES_MAX: u64 = 4096;
