//! `towpath causes`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use towpath_check::UsageError;
use towpath_check::render::{causes, text::Look};
use towpath_diagnosis::catalogue;

use super::terminal;
use crate::arguments::{CausesArguments, Color};

/// Lists the catalogue, or tells everything about one cause.
pub(crate) fn run(arguments: &CausesArguments) -> anyhow::Result<ExitCode> {
    let look: Look = terminal::look(Color::Auto);
    let text = match (&arguments.id, arguments.json) {
        (None, false) => causes::list(look),
        (None, true) => causes::list_json(),
        (Some(id), json) => {
            let cause = catalogue::find(id).ok_or_else(|| UsageError::UnknownCause {
                id: id.clone(),
                nearest: causes::nearest(id),
            })?;
            if json {
                causes::one_json(cause)
            } else {
                causes::one(cause, look)
            }
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
