//! Runs other programs and reports how they ended. It never interprets what they are for.

use anyhow::{Context as _, Result, bail};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a program ended and what it printed, when [`tee`] listened.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Whether the exit status was zero.
    pub(crate) success: bool,
    /// Standard output and standard error in no promised order, each cut to its last [`LINES_MAX`] lines.
    pub(crate) lines: VecDeque<String>,
}

/// Starts `program` with no standard input, so that nothing can wait for an answer that never comes.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Runs a program to its end with its output on the terminal; an error if it cannot start or fails.
pub(crate) fn must_succeed(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// Runs a program quietly; its standard output and error as text when it exits with zero.
pub(crate) fn quiet(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&text).into_owned())
}

/// Runs a program, passes its output on line by line and keeps the lines.
pub(crate) fn tee(command: &mut Command) -> Result<Outcome> {
    let shown = show(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let errors = child.stderr.take().context("standard error was piped")?;
    let output = child.stdout.take().context("standard output was piped")?;
    let listener = std::thread::spawn(move || pass_on(errors, |line| eprintln!("{line}")));
    let mut lines = pass_on(output, |line| println!("{line}"));
    lines.extend(listener.join().expect("passing lines on does not panic"));
    let status = child.wait().with_context(|| format!("lost `{shown}`"))?;
    Ok(Outcome {
        success: status.success(),
        lines,
    })
}

/// The command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where a program is: the search path, then the folders that hold servers and are not on every user's path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

fn pass_on(source: impl Read, print: impl Fn(&str)) -> VecDeque<String> {
    let mut kept = VecDeque::new();
    for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        print(&line);
        if kept.len() == LINES_MAX {
            kept.pop_front();
        }
        kept.push_back(line);
    }
    kept
}

/// Kept lines of one stream. Summaries come last, so the oldest lines go first.
const LINES_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tee_keeps_both_streams_and_the_status() {
        let outcome = tee(&mut command(
            "sh",
            &["-c", "echo out; echo err >&2; exit 3"],
            Path::new("."),
        ))
        .unwrap();
        assert!(!outcome.success);
        assert!(outcome.lines.contains(&"out".to_owned()));
        assert!(outcome.lines.contains(&"err".to_owned()));
    }

    #[test]
    fn a_failing_program_is_named() {
        let error =
            must_succeed(&mut command("sh", &["-c", "exit 1"], Path::new("."))).unwrap_err();
        assert!(
            error.to_string().starts_with("`sh -c exit 1` failed"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error =
            must_succeed(&mut command("no-such-program-here", &[], Path::new("."))).unwrap_err();
        assert!(
            error.to_string().contains("no-such-program-here"),
            "{error}"
        );
    }
}
