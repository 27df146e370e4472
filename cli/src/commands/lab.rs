//! `towpath lab`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use towpath_lab::{Fault, Options, Running, faults, start};

use crate::arguments::LabArguments;

/// Lists the faults, or runs one until Ctrl-C.
pub(crate) fn run(arguments: &LabArguments) -> anyhow::Result<ExitCode> {
    let Some(name) = &arguments.name else {
        let listed = if arguments.json { list_json() } else { list() };
        io::stdout().write_all(listed.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let options = Options {
        listen: arguments.listen,
        upstream: arguments.upstream.clone(),
        ca_out: arguments.ca_out.clone(),
        period: arguments.seconds,
    };
    super::block_on(async {
        let running = start(name, options).await?;
        io::stdout().write_all(greeting(&running).as_bytes())?;
        io::stdout().flush()?;
        super::interrupted().await;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })?
}

fn list() -> String {
    let width = faults()
        .iter()
        .map(|fault| fault.name.len())
        .max()
        .unwrap_or(0);
    let line = |fault: &Fault| {
        format!(
            "{:width$}  {:<9}  {}\n",
            fault.name, fault.kind, fault.summary
        )
    };
    faults().iter().map(line).collect()
}

fn list_json() -> String {
    let all: Vec<_> = faults()
        .iter()
        .map(|fault| {
            serde_json::json!({
                "name": fault.name,
                "kind": fault.kind.to_string(),
                "summary": fault.summary,
                "causes": fault.causes,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(all))
}

fn greeting(running: &Running) -> String {
    let fault = running.fault();
    let command: Vec<String> = running
        .check_arguments()
        .iter()
        .map(|word| quoted(word))
        .collect();
    format!(
        "{} ({}) at {}\n{}\n\ntowpath check {}\n\nCtrl-C ends it.\n",
        fault.name,
        fault.kind,
        running.address(),
        fault.summary,
        command.join(" ")
    )
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("wss://h:1/x"), "wss://h:1/x");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("?a&b"), "'?a&b'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn every_fault_is_listed() {
        let (text, json) = (list(), list_json());
        for fault in faults() {
            assert!(
                text.contains(fault.name) && json.contains(fault.name),
                "{}",
                fault.name
            );
        }
    }
}
