//! `towpath explain`.

use std::io;
use std::process::ExitCode;

use towpath_check::Progress as _;
use towpath_check::explain;
use towpath_check::render::json::Json;
use towpath_check::render::text::Text;

use super::terminal;
use crate::arguments::ExplainArguments;

/// Judges what a file holds.
pub(crate) fn run(arguments: &ExplainArguments) -> anyhow::Result<ExitCode> {
    let explained = explain::file(&arguments.file, arguments.url.as_deref())?;
    if let Some(note) = &explained.note {
        anstream::eprintln!("{note}");
    }
    let report = explained.report;
    if arguments.json {
        let mut json = Json::new(io::stdout().lock());
        json.answered(&report.observations)?;
        json.finish(&report)?;
    } else {
        let mut text = Text::new(io::stdout().lock(), terminal::look(arguments.color), None);
        text.ladder(&report.observations)?;
        text.finish(&report)?;
    }
    Ok(ExitCode::from(report.exit_status()))
}
