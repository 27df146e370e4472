//! Starts a browser on a debugging pipe, and makes sure that it ends.
//!
//! The browser reads calls from descriptor 3 and writes to descriptor 4. A shell moves our two pipes there, because
//! doing it between fork and exec from here would need unsafe code. A pipe needs no port, no other user of the machine
//! can reach it, and the browser ends when it closes.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::error::BrowserError;
use crate::find::{find, is_headless_shell};
use crate::flags::{Place, arguments};
use crate::options::BrowserOptions;
use crate::profile::Profile;
use crate::protocol::Connection;
use crate::trust::home_that_trusts;

/// A running browser. Dropping it kills the processes and removes their files.
pub(crate) struct Browser {
    pub(crate) program: PathBuf,
    pub(crate) without_sandbox: bool,
    /// Product with version, for example `Chrome/156.0.8078.79`.
    pub(crate) product: String,
    pub(crate) user_agent: String,
    connection: Option<Connection>,
    process: Process,
    net_log: PathBuf,
    // Last, so that the processes are gone before their directory.
    profile: Profile,
}

impl Browser {
    pub(crate) async fn launch(options: &BrowserOptions) -> Result<Self, BrowserError> {
        let program = match &options.program {
            Some(program) => program.clone(),
            None => find()?,
        };
        let profile = Profile::create()?;
        let home = match &options.extra_roots_pem {
            Some(pem) => Some(home_that_trusts(&profile, pem).await?),
            None => None,
        };
        let net_log = profile.path().join("net-log.json");
        let without_sandbox = owned_by_superuser(&profile);
        let place = Place {
            profile: &profile.subdirectory("user-data")?,
            net_log: &net_log,
            without_sandbox,
            headless_shell: is_headless_shell(&program),
        };
        let mut command = Command::new("sh");
        command
            .args(["-c", MOVE_PIPES_AND_RUN])
            .arg(&program)
            .args(arguments(options, &place))
            // Chromium leaves sockets and scratch folders in the temporary folder when it is killed.
            // The name is short because a socket's path is limited to about 100 bytes.
            .env("TMPDIR", profile.subdirectory("t")?);
        if let Some(home) = home {
            command
                .env("HOME", &home)
                .env("XDG_DATA_HOME", home.join(".local/share"));
        }
        let (mut process, mut connection) = Process::start(command)?;
        // The end of the process is watched beside the pipe, which a helper that outlives it may keep open.
        let answer = tokio::select! {
            answer = connection.call_alone("Browser.getVersion", json!({}), options.launch_timeout) => answer,
            _ = process.child.wait() => Err(BrowserError::protocol("starting", "it ended")),
        };
        let version = match answer {
            Ok(version) => version,
            Err(BrowserError::Protocol { .. }) => {
                return Err(BrowserError::LaunchFailed {
                    program,
                    stderr_tail: process.last_words().await,
                });
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            program,
            without_sandbox,
            product: text(&version, "product"),
            user_agent: text(&version, "userAgent"),
            connection: Some(connection),
            process,
            net_log,
            profile,
        })
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("it is taken only by close, which consumes the browser")
    }

    /// The connection, for a [`crate::debugger::Debugger`] to own. Dropping the browser still ends it.
    pub(crate) fn take_connection(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Asks the browser to end and waits for it, so that its network log is complete. Gives the log's path and the
    /// directory that keeps it alive.
    pub(crate) async fn close(mut self) -> (PathBuf, Profile) {
        if let Some(mut connection) = self.connection.take() {
            // Failing is fine: closing the pipe ends the browser too.
            let _ = connection.send(None, "Browser.close", json!({})).await;
            // Reading on keeps the browser from waiting for room in the pipe.
            let deadline = Instant::now() + CLOSE_TIMEOUT;
            while let Ok(Some(_)) = connection.receive(deadline).await {}
        }
        self.process.end().await;
        (self.net_log, self.profile)
    }
}

/// The process group of one browser.
struct Process {
    child: Child,
    group: Option<u32>,
    stderr_tail: Option<JoinHandle<Vec<u8>>>,
}

impl Process {
    fn start(mut command: Command) -> Result<(Self, Connection), BrowserError> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(BrowserError::io("starting sh for the browser"))?;
        let missing = || BrowserError::protocol("starting", "a pipe is missing");
        let calls = child.stdin.take().ok_or_else(missing)?;
        let answers = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        let process = Self {
            group: child.id(),
            child,
            stderr_tail: Some(tokio::spawn(keep_tail(stderr))),
        };
        Ok((process, Connection::new(Box::new(answers), Box::new(calls))))
    }

    /// Ends the process and gives what it wrote to standard error last.
    async fn last_words(mut self) -> String {
        self.end().await;
        let Some(reader) = self.stderr_tail.take() else {
            return String::new();
        };
        let tail = timeout(EXIT_TIMEOUT, reader).await;
        let tail = tail.ok().and_then(Result::ok).unwrap_or_default();
        String::from_utf8_lossy(&tail).into_owned()
    }

    async fn end(&mut self) {
        let _ = timeout(EXIT_TIMEOUT, self.child.wait()).await;
        self.kill_group();
        let _ = timeout(EXIT_TIMEOUT, self.child.wait()).await;
    }

    /// Kills what is left of the group, helpers included. The shell's own `kill` stands in for a system call that
    /// needs unsafe code.
    fn kill_group(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = std::process::Command::new("sh")
                .args(["-c", KILL_GROUP, &group.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Reads standard error to its end, because a full pipe would stop the browser, and keeps the last part.
async fn keep_tail(mut stderr: ChildStderr) -> Vec<u8> {
    let mut tail = Vec::new();
    let mut chunk = [0; 2048];
    while let Ok(count @ 1..) = stderr.read(&mut chunk).await {
        tail.extend_from_slice(&chunk[..count]);
        let excess = tail.len().saturating_sub(STDERR_TAIL_BYTES);
        tail.drain(..excess);
    }
    tail
}

/// What this process creates belongs to the user it acts as.
fn owned_by_superuser(profile: &Profile) -> bool {
    use std::os::unix::fs::MetadataExt;
    profile
        .path()
        .metadata()
        .is_ok_and(|metadata| metadata.uid() == 0)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// `$0` is the browser. Its own input is empty, and what it prints joins standard error.
const MOVE_PIPES_AND_RUN: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >&2";
/// `$0` is the group. Without `--`, which the `kill` of some shells takes for a signal.
const KILL_GROUP: &str = "kill -KILL \"-$0\"";
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);
const STDERR_TAIL_BYTES: usize = 8 * 1024;
