//! The process group of one browser: started with a debugging pipe, watched, ended, never left behind.
//!
//! Knows nothing of browsers but that their pipe is on descriptors 3 and 4. A shell moves our two pipes there, because
//! doing it between fork and exec from here would need unsafe code.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::BrowserError;
use crate::protocol::Connection;

/// A running group. Dropping it kills what is left of it.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    stderr_tail: Option<JoinHandle<Vec<u8>>>,
}

impl Process {
    /// A command that runs `program` with the pipe in its place; arguments are added by the caller.
    pub(crate) fn command(program: &std::path::Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", MOVE_PIPES_AND_RUN]).arg(program);
        command
    }

    pub(crate) fn start(mut command: Command) -> Result<(Self, Connection), BrowserError> {
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
            group: child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)),
            child,
            stderr_tail: Some(tokio::spawn(keep_tail(stderr))),
        };
        Ok((process, Connection::new(Box::new(answers), Box::new(calls))))
    }

    /// The process at the root of the tree; `None` once it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for the end of the process that was started. Cancelling is safe.
    pub(crate) async fn ended(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// Ends the process and gives what it wrote to standard error last.
    pub(crate) async fn last_words(mut self) -> String {
        self.end().await;
        let Some(reader) = self.stderr_tail.take() else {
            return String::new();
        };
        let tail = timeout(EXIT_TIMEOUT, reader).await;
        let tail = tail.ok().and_then(Result::ok).unwrap_or_default();
        String::from_utf8_lossy(&tail).into_owned()
    }

    /// Gives the process a moment to end by itself, then kills it with its helpers.
    pub(crate) async fn end(&mut self) {
        let _ = timeout(EXIT_TIMEOUT, self.child.wait()).await;
        self.kill().await;
    }

    /// Kills the process with its helpers and waits for its end.
    pub(crate) async fn kill(&mut self) {
        self.kill_group();
        let _ = timeout(EXIT_TIMEOUT, self.child.wait()).await;
    }

    fn kill_group(&mut self) {
        if let Some(group) = self.group.take() {
            // It fails where nothing is left.
            let _ = kill_process_group(group, Signal::KILL);
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

/// `$0` is the browser. Its own input is empty, and what it prints joins standard error.
const MOVE_PIPES_AND_RUN: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >&2";
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);
const STDERR_TAIL_BYTES: usize = 8 * 1024;
