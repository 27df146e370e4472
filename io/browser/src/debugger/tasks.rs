//! The two tasks that own a debugging connection, one for each direction.
//!
//! They move messages until the connection ends, somebody ends it, or the last handle is gone.

use std::io::ErrorKind;
use std::sync::Weak;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::{BROWSER_ENDED, Shared};
use crate::pipe::{MessageReader, MessageWriter};
use crate::protocol::{WRITE_TIMEOUT, parse};

pub(super) async fn write_calls(
    mut queue: mpsc::Receiver<Vec<u8>>,
    mut writer: MessageWriter,
    shared: Weak<Shared>,
    mut ended: watch::Receiver<Option<String>>,
) {
    loop {
        let next = tokio::select! {
            next = queue.recv() => next,
            _ = ended.wait_for(Option::is_some) => return,
        };
        let Some(message) = next else {
            return;
        };
        let reason = match timeout(WRITE_TIMEOUT, writer.send(message)).await {
            Ok(Ok(())) => continue,
            Ok(Err(_)) => BROWSER_ENDED,
            Err(_) => "the browser takes no calls any more",
        };
        return conclude(&shared, reason);
    }
}

pub(super) async fn read_answers(
    mut reader: MessageReader,
    shared: Weak<Shared>,
    mut ended: watch::Receiver<Option<String>>,
    mut no_handles: oneshot::Receiver<()>,
) {
    loop {
        let message = tokio::select! {
            message = reader.next() => message,
            _ = ended.wait_for(Option::is_some) => return,
            _ = &mut no_handles => return,
        };
        let message = match message {
            Ok(Some(message)) => message,
            Ok(None) => return conclude(&shared, BROWSER_ENDED),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return conclude(&shared, BROWSER_ENDED);
            }
            Err(error) => {
                return conclude(&shared, &format!("the debugging connection broke: {error}"));
            }
        };
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if let Some(incoming) = parse(&message) {
            shared.take_in(incoming);
        }
    }
}

fn conclude(shared: &Weak<Shared>, reason: &str) {
    if let Some(shared) = shared.upgrade() {
        shared.end(reason);
    }
}
