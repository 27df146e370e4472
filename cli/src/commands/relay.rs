//! `towpath relay`.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio::time::sleep;
use towpath_relay::check::{CheckOptions, SideReport};
use towpath_relay::{Command, Event, RelayError, log, now_unix_ms};

use crate::arguments::relay::{
    CheckArguments, RelayArguments, RelayCommand, RunArguments, StatusArguments,
};

/// Relays until a signal, or does what is named.
pub(crate) fn run(arguments: &RelayArguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        None => relay(&arguments.run),
        Some(RelayCommand::Init(init)) => {
            towpath_relay::init(&init.file)?;
            let file = init.file.display();
            writeln!(
                io::stdout(),
                "{file} is written; change it, then: towpath relay check --config {file}"
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Some(RelayCommand::Check(check)) => self::check(check),
        Some(RelayCommand::Status(status)) => self::status(status),
        Some(RelayCommand::Profile(_)) => {
            io::stdout().write_all(towpath_relay::PROFILE.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn relay(arguments: &RunArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        // First of all: a signal to read anew must never end a relay that is just starting.
        let commands = commands().map_err(RelayError::Signals)?;
        let (prepared, events) = towpath_relay::prepare(&arguments.config).await?;
        let json = arguments.json;
        let teller = thread::spawn(move || tell(events, json));
        prepared.run(commands).await;
        // It ends with the relay, unless its reader takes nothing: then the rest is of no use to anybody.
        let since = Instant::now();
        while !teller.is_finished() && since.elapsed() < TELL_TIME {
            sleep(TELL_PAUSE).await;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

/// Signals as commands.
fn commands() -> io::Result<mpsc::Receiver<Command>> {
    let ended = super::signals::ended()?;
    let mut reloads = super::signals::reloads()?;
    let (commands, taken) = mpsc::channel(1);
    let reload = commands.clone();
    tokio::spawn(async move {
        while reloads.recv().await.is_some() {
            // One that waits already will read what is there by then.
            let _ = reload.try_send(Command::Reload);
        }
    });
    tokio::spawn(async move {
        ended.await;
        // A relay that is gone has ended.
        let _ = commands.send(Command::End).await;
    });
    Ok(taken)
}

/// Prints what happens until the relay is gone, or nobody reads any more.
fn tell(mut events: mpsc::Receiver<Event>, json: bool) {
    let mut out = io::stdout();
    // systemd says so to a service whose output it keeps.
    let in_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    while let Some(event) = events.blocking_recv() {
        let now = now_unix_ms();
        let line = if json {
            event.json_line(now)
        } else {
            event.line((!in_journal).then_some(now))
        };
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// Each side is told when it is done, so that a slow one holds back none of the others.
fn check(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let options = CheckOptions {
        say: arguments.say.clone(),
        patience: Duration::from_secs(arguments.time),
    };
    let json = arguments.json;
    let tell = move |side: &SideReport| {
        if !json {
            // Whoever reads no more still gets the exit status.
            let _ = writeln!(io::stdout(), "{}", side.text());
        }
    };
    let checked = towpath_relay::check::check_file(&arguments.config, &options, tell);
    let report = super::block_on(checked)??;
    let end = if json {
        report.json()
    } else {
        report.headline()
    };
    writeln!(io::stdout(), "{end}")?;
    Ok(ExitCode::from(u8::from(!report.all_well)))
}

fn status(arguments: &StatusArguments) -> anyhow::Result<ExitCode> {
    let told = super::block_on(towpath_relay::ask(&arguments.config, arguments.json))??;
    let mut out = io::stdout();
    writeln!(out, "{}", told.text.trim_end())?;
    Ok(ExitCode::from(u8::from(!told.is_ready)))
}

/// A relay waits nearly all the time; more threads would only hold memory.
const WORKERS: usize = 2;

/// For the last lines to be written.
const TELL_TIME: Duration = Duration::from_secs(1);
const TELL_PAUSE: Duration = Duration::from_millis(5);
