//! One file per subcommand: each hands settings to its app and turns the outcome into an exit status.

use std::future::Future;
use std::io;
use std::process::ExitCode;

use anyhow::Context as _;
use towpath_check::UsageError;
use towpath_dial::DialError;
use towpath_lab::LabError;
use towpath_relay::RelayError;
use towpath_serve::ServeError;

pub(crate) mod causes;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod dial;
pub(crate) mod explain;
pub(crate) mod lab;
pub(crate) mod manual;
pub(crate) mod relay;
pub(crate) mod serve;
mod signals;
mod terminal;
pub(crate) mod token;

/// Runs a command's future to its end.
///
/// Threads that still look up a name when all is said are left behind instead of waited for.
fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start")?;
    let outcome = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(outcome)
}

/// Comes true when the user wants a command to end.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the default one ends the process.
        std::future::pending::<()>().await;
    }
}

/// Says on standard error why a command did not do its work; the exit status for it.
pub(crate) fn explain_failure(failure: &anyhow::Error) -> ExitCode {
    let broken_pipe = failure
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if broken_pipe {
        // Nobody reads any more, so there is nobody to tell.
        return ExitCode::from(CANNOT_TELL);
    }
    anstream::eprintln!("towpath: {failure:#}");
    if let Some(status) = token::exit_status(failure) {
        return ExitCode::from(status);
    }
    let of_the_user = failure.is::<UsageError>()
        || failure.is::<LabError>()
        || failure.is::<ServeError>()
        || failure.is::<DialError>()
        || failure.is::<RelayError>();
    ExitCode::from(if of_the_user { USAGE } else { CANNOT_TELL })
}

/// The user has to change the command line, a file or an option.
const USAGE: u8 = 2;

/// No statement about the target can be made.
const CANNOT_TELL: u8 = 3;
