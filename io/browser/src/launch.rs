//! Obtains a browser: starts one of our own on a debugging pipe, or attaches to one that runs.
//!
//! A pipe needs no port, no other user of the machine can reach it, and the browser ends when it closes. What is ours
//! ends with the value, what is the user's is left as it was found.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::attach::attach;
use crate::error::BrowserError;
use crate::find::{find, find_for_carrying, is_headless_shell};
use crate::flags::{Place, Purpose, arguments};
use crate::options::BrowserOptions;
use crate::process::Process;
use crate::profile::{Profile, remove_abandoned};
use crate::protocol::Connection;
use crate::trust::home_that_trusts;

/// A browser to talk to. Dropping one of ours kills the processes and removes their files.
pub(crate) struct Browser {
    /// The program that was started; `None` for a browser that was attached to.
    pub(crate) program: Option<PathBuf>,
    /// Why it runs without its sandbox; `None` where it has one, or where it is not ours to say.
    pub(crate) without_sandbox: Option<String>,
    /// Product with version, for example `Chrome/156.0.8078.79`.
    pub(crate) product: String,
    pub(crate) user_agent: String,
    connection: Option<Connection>,
    own: Option<Own>,
}

/// What a browser of ours consists of.
struct Own {
    process: Process,
    net_log: PathBuf,
    // Last, so that the processes are gone before their directory.
    profile: Profile,
}

impl Browser {
    /// Attaches where the options name an address, starts one otherwise.
    pub(crate) async fn obtain(
        options: &BrowserOptions,
        purpose: Purpose,
    ) -> Result<Self, BrowserError> {
        if let Some(address) = &options.attach {
            let mut connection = attach(address, options.launch_timeout).await?;
            let version = ask_version(&mut connection, options.launch_timeout).await?;
            return Ok(Self::identified(&version, connection));
        }
        let program = match (&options.program, purpose) {
            (Some(program), _) => program.clone(),
            (None, Purpose::Capture) => find()?,
            (None, Purpose::Carry { .. }) => find_for_carrying()?,
        };
        tidy_up().await;
        let mut without_sandbox = reason_against_sandbox(options);
        loop {
            let outcome = start(options, purpose, &program, without_sandbox.as_deref()).await;
            let complaint = match &outcome {
                Err(BrowserError::LaunchFailed { stderr_tail, .. }) => {
                    sandbox_complaint(stderr_tail)
                }
                _ => None,
            };
            match complaint {
                Some(complaint) if without_sandbox.is_none() => without_sandbox = Some(complaint),
                _ => return outcome,
            }
        }
    }

    fn identified(version: &Value, connection: Connection) -> Self {
        let text = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
        Self {
            program: None,
            without_sandbox: None,
            product: text("product"),
            user_agent: text("userAgent"),
            connection: Some(connection),
            own: None,
        }
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("whoever takes the connection does not ask for it again")
    }

    /// The connection, for a [`crate::debugger::Debugger`] to own. Dropping the browser still ends it.
    pub(crate) fn take_connection(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// The process of a browser of ours.
    pub(crate) fn process(&mut self) -> Option<&mut Process> {
        self.own.as_mut().map(|own| &mut own.process)
    }

    /// Asks a browser of ours to end and waits for it, so that its network log is complete. Gives the log's path and
    /// the directory that keeps it alive. A browser that was attached to stays; our pages in it end.
    pub(crate) async fn close(mut self) -> Option<(PathBuf, Profile)> {
        let mut connection = self.connection.take();
        let Own {
            mut process,
            net_log,
            profile,
        } = self.own?;
        if let Some(connection) = &mut connection {
            // Failing is fine: closing the pipe ends the browser too.
            let _ = connection.send(None, "Browser.close", json!({})).await;
            // Reading on keeps the browser from waiting for room in the pipe.
            let deadline = Instant::now() + CLOSE_TIMEOUT;
            while let Ok(Some(_)) = connection.receive(deadline).await {}
        }
        drop(connection);
        process.end().await;
        Some((net_log, profile))
    }

    /// Kills a browser of ours that is of no more use, and gives what [`Browser::close`] gives.
    pub(crate) async fn discard(self) -> Option<(PathBuf, Profile)> {
        let Own {
            mut process,
            net_log,
            profile,
        } = self.own?;
        process.kill().await;
        Some((net_log, profile))
    }
}

/// One try to start a browser, with its sandbox unless there is a reason.
async fn start(
    options: &BrowserOptions,
    purpose: Purpose,
    program: &Path,
    without_sandbox: Option<&str>,
) -> Result<Browser, BrowserError> {
    let profile = Profile::create()?;
    let home = match &options.extra_roots_pem {
        Some(pem) => Some(home_that_trusts(&profile, pem).await?),
        None => None,
    };
    let net_log = profile.path().join("net-log.json");
    let place = Place {
        profile: &profile.subdirectory("user-data")?,
        net_log: &net_log,
        without_sandbox: without_sandbox.is_some(),
        headless_shell: is_headless_shell(program),
        purpose,
    };
    let mut command = Process::command(program);
    command
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
        answer = ask_version(&mut connection, options.launch_timeout) => answer,
        _ = process.ended() => Err(BrowserError::protocol("starting", "it ended")),
    };
    let version = match answer {
        Ok(version) => version,
        Err(BrowserError::Protocol { .. }) => {
            return Err(BrowserError::LaunchFailed {
                program: program.to_owned(),
                stderr_tail: process.last_words().await,
            });
        }
        Err(error) => return Err(error),
    };
    if let Some(reason) = without_sandbox {
        static SAID: Once = Once::new();
        SAID.call_once(|| tracing::warn!(reason, "the browser runs without its sandbox"));
    }
    Ok(Browser {
        program: Some(program.to_owned()),
        without_sandbox: without_sandbox.map(str::to_owned),
        own: Some(Own {
            process,
            net_log,
            profile,
        }),
        ..Browser::identified(&version, connection)
    })
}

async fn ask_version(connection: &mut Connection, limit: Duration) -> Result<Value, BrowserError> {
    connection
        .call_alone("Browser.getVersion", json!({}), limit)
        .await
}

/// What killed runs left behind goes first. Nothing depends on its success.
async fn tidy_up() {
    let _ = tokio::task::spawn_blocking(remove_abandoned).await;
}

fn reason_against_sandbox(options: &BrowserOptions) -> Option<String> {
    if options.extra_flags.iter().any(|flag| flag == NO_SANDBOX) {
        return Some(format!("the options say {NO_SANDBOX}"));
    }
    rustix::process::geteuid()
        .is_root()
        .then(|| "it was started by the superuser, for whom it has none".to_owned())
}

/// The browser's own words, if it could not start because of its sandbox.
fn sandbox_complaint(stderr_tail: &str) -> Option<String> {
    let line = stderr_tail.lines().find(|line| {
        SANDBOX_COMPLAINTS
            .iter()
            .any(|complaint| line.contains(complaint))
    })?;
    // A log line begins with process, time and place in brackets.
    let words = line.rsplit_once("] ").map_or(line, |(_, words)| words);
    // Advice follows, of which some would be bad here.
    let sentence = words.split_inclusive(['!', '.']).next();
    sentence.map(|sentence| sentence.trim().to_owned())
}

pub(crate) const NO_SANDBOX: &str = "--no-sandbox";
const SANDBOX_COMPLAINTS: &[&str] = &[
    "No usable sandbox",
    "SUID sandbox helper",
    "without --no-sandbox",
    "Failed to move to new namespace",
];
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_sandbox_is_told_from_other_failures() {
        let said = "noise\n[9:9:1121/100000.1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are \
                    running on a new system\n#0 0x55";
        assert_eq!(
            sandbox_complaint(said).as_deref(),
            Some("No usable sandbox!")
        );
        assert_eq!(sandbox_complaint("libnss3.so: cannot open"), None);
    }
}
