//! The system's keyring, by the program that comes with it.
//!
//! `secret-tool` (libsecret) speaks to whatever offers the Secret Service: the keyrings of GNOME and KDE, password
//! managers. A token goes to it on its standard input: it must never stand in an argument, which every user of the machine can see.

use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::error::TokenError;
use crate::limits::{KEYRING_MAX, TOKEN_BYTES_MAX};
use crate::source::Source;

/// The keyring. Holding one starts nothing.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    program: OsString,
    limit: Duration,
}

/// What the program said and whether it was content.
struct Answer {
    successful: bool,
    output: Vec<u8>,
    complaint: String,
}

impl Keyring {
    pub(crate) fn usual() -> Self {
        Self::by("secret-tool")
    }

    pub(crate) fn by(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            limit: KEYRING_MAX,
        }
    }

    /// The token of `key`; `None` where the keyring has none.
    pub(crate) async fn lookup(&self, key: &str) -> Result<Option<String>, TokenError> {
        let answer = self.ask(&["lookup"], key, None).await?;
        if !answer.successful && answer.complaint.is_empty() {
            return Ok(None);
        }
        let output = answer.or_problem()?;
        let token = String::from_utf8(output).ok();
        let token = token.map(|token| token.trim_end().to_owned());
        // Changed by hand; it is read anew.
        Ok(token.filter(|token| (1..=TOKEN_BYTES_MAX).contains(&token.len())))
    }

    /// Keeps the token of `key`, under a label that a person understands.
    pub(crate) async fn store(
        &self,
        key: &str,
        source: &Source,
        token: &str,
    ) -> Result<(), TokenError> {
        let label = format!("--label=Towpath: {source}");
        let answer = self.ask(&["store", &label], key, Some(token)).await?;
        answer.or_problem().map(drop)
    }

    /// Removes the token of `key`, if there is one.
    pub(crate) async fn clear(&self, key: &str) -> Result<(), TokenError> {
        let answer = self.ask(&["clear"], key, None).await?;
        if answer.complaint.is_empty() {
            return Ok(());
        }
        answer.or_problem().map(drop)
    }

    async fn ask(
        &self,
        words: &[&str],
        key: &str,
        input: Option<&str>,
    ) -> Result<Answer, TokenError> {
        let work = self.exchange(words, key, input);
        match tokio::time::timeout(self.limit, work).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(problem(format!(
                "the program {} was not found; on Debian and Ubuntu it is in the package libsecret-tools, elsewhere in libsecret",
                self.program.display()
            ))),
            Ok(Err(error)) => Err(problem(format!("{}: {error}", self.program.display()))),
            Err(_) => Err(problem(format!(
                "it did not answer within {} s; unlock it and try again",
                self.limit.as_secs()
            ))),
        }
    }

    async fn exchange(&self, words: &[&str], key: &str, input: Option<&str>) -> io::Result<Answer> {
        let mut program = Command::new(&self.program)
            .args(words)
            .args(["application", "towpath", "key", key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = "all three streams are piped";
        let mut stdin = program.stdin.take().expect(pipes);
        let stdout = program.stdout.take().expect(pipes);
        let stderr = program.stderr.take().expect(pipes);
        let give = async move {
            // A program that wants no input may be gone; what matters is its answer.
            stdin.write_all(input.unwrap_or("").as_bytes()).await.ok();
        };
        let (mut output, mut complaint) = (Vec::new(), Vec::new());
        let mut stdout = stdout.take(ANSWER_BYTES_MAX);
        let mut stderr = stderr.take(ANSWER_BYTES_MAX);
        let ((), read, complained) = tokio::join!(
            give,
            stdout.read_to_end(&mut output),
            stderr.read_to_end(&mut complaint)
        );
        read?;
        complained?;
        drop((stdout, stderr));
        Ok(Answer {
            successful: program.wait().await?.success(),
            output,
            complaint: String::from_utf8_lossy(&complaint).trim().to_owned(),
        })
    }
}

impl Answer {
    fn or_problem(self) -> Result<Vec<u8>, TokenError> {
        if self.successful {
            return Ok(self.output);
        }
        let said = self
            .complaint
            .lines()
            .next_back()
            .unwrap_or("it gave no reason");
        Err(problem(said.to_owned()))
    }
}

fn problem(problem: String) -> TokenError {
    TokenError::Keyring { problem }
}

/// More than the longest token and the longest complaint.
const ANSWER_BYTES_MAX: u64 = 2 * TOKEN_BYTES_MAX as u64;

#[cfg(test)]
pub(crate) mod tests;
