//! The signals that end a command which serves.

use std::io;

/// Comes true at the first SIGTERM or SIGINT. A second SIGINT ends the process at once.
#[cfg(unix)]
pub(super) fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {
                tokio::spawn(async move {
                    interrupt.recv().await;
                    std::process::exit(INTERRUPTED);
                });
            }
        }
    })
}

#[cfg(not(unix))]
pub(super) fn ended() -> io::Result<impl Future<Output = ()>> {
    Ok(super::interrupted())
}

/// One item each time the user wants files to be read anew: SIGHUP.
#[cfg(unix)]
pub(super) fn reloads() -> io::Result<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::hangup())
}

/// Never comes: there is no such signal here.
#[cfg(not(unix))]
pub(super) fn reloads() -> io::Result<tokio::sync::mpsc::Receiver<()>> {
    Ok(tokio::sync::mpsc::channel(1).1)
}

/// What shells report after SIGINT.
#[cfg(unix)]
const INTERRUPTED: i32 = 130;
