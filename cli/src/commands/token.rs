//! `towpath token`.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use towpath_check::render::json::write_line;
use towpath_token::{Failure, KeepOptions};

use crate::arguments::token::{ForgetArguments, GetArguments, TokenArguments, TokenCommand};

/// Gets, lists or forgets.
pub(crate) fn run(arguments: &TokenArguments) -> anyhow::Result<ExitCode> {
    let keep = arguments.keep();
    match &arguments.command {
        TokenCommand::Get(get) => self::get(get, &keep),
        TokenCommand::List(list) => self::list(list.json, &keep),
        TokenCommand::Forget(forget) => self::forget(forget, &keep),
    }
}

fn get(arguments: &GetArguments, keep: &KeepOptions) -> anyhow::Result<ExitCode> {
    let options = arguments.options();
    let got = super::block_on(async {
        tokio::select! {
            // Dropping the other future ends its browser.
            () = super::interrupted() => Ok(None),
            token = towpath_token::get(&options, keep, note) => token.map(Some),
        }
    })??;
    let Some((source, token)) = got else {
        return Ok(ExitCode::from(INTERRUPTED));
    };
    for line in towpath_token::notes(&source, &token, SystemTime::now()) {
        note(&line);
    }
    let mut out = io::stdout().lock();
    if arguments.json {
        write_line(&mut out, &towpath_token::token_json(&source, &token))?;
    } else {
        writeln!(out, "{}", token.value())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool, keep: &KeepOptions) -> anyhow::Result<ExitCode> {
    let list = super::block_on(towpath_token::list(keep))??;
    let mut out = io::stdout().lock();
    if json {
        for entry in towpath_token::listed_json(&list) {
            write_line(&mut out, &entry)?;
        }
    } else {
        out.write_all(towpath_token::listed(&list, SystemTime::now()).as_bytes())?;
        if list.entries.is_empty() && list.problems.is_empty() {
            note("there are no tokens");
        }
    }
    out.flush()?;
    for problem in &list.problems {
        note(&problem.to_string());
    }
    Ok(match list.problems.as_slice() {
        [] => ExitCode::SUCCESS,
        _ => ExitCode::from(super::USAGE),
    })
}

fn forget(arguments: &ForgetArguments, keep: &KeepOptions) -> anyhow::Result<ExitCode> {
    let (page, account) = (arguments.page.as_deref(), arguments.account.as_deref());
    let forgotten = super::block_on(towpath_token::forget(keep, page, account))??;
    note(&towpath_token::forgotten(forgotten));
    Ok(ExitCode::SUCCESS)
}

/// A line for a person; standard output is for the token.
fn note(line: &str) {
    anstream::eprintln!("towpath: {line}");
}

/// The exit status for a failure of this command.
pub(super) fn exit_status(failure: &anyhow::Error) -> Option<u8> {
    failure.downcast_ref::<Failure>().map(Failure::exit_status)
}

/// What shells report after SIGINT.
const INTERRUPTED: u8 = 130;
