//! `towpath check`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use towpath_check::compare::Comparison;
use towpath_check::render::comparison;
use towpath_check::render::json::{Json, write_line};
use towpath_check::render::text::Text;
use towpath_check::{Report, Request, explain, har};

use super::terminal;
use crate::arguments::check::CheckArguments;

/// Checks one address and tells what came of it; or compares two reports.
pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    if let Some([a, b]) = arguments.compare.as_deref() {
        return compare(a, b, arguments);
    }
    let request = Request::new(&arguments.options())?;
    let report = super::block_on(async {
        if arguments.json {
            in_json(request).await
        } else {
            in_text(request, arguments).await
        }
    })??;
    if let Some(path) = &arguments.save {
        report.save(path)?;
    }
    if let Some(path) = &arguments.har {
        har::save(&report, path)?;
    }
    Ok(ExitCode::from(report.exit_status()))
}

/// Two reports against each other.
fn compare(a: &str, b: &str, arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let (report_a, report_b) = (
        explain::file(a, None)?.report,
        explain::file(b, None)?.report,
    );
    let comparison = Comparison::new((a, &report_a), (b, &report_b));
    let mut out = io::stdout().lock();
    if arguments.json {
        write_line(&mut out, &comparison)?;
    } else {
        let look = terminal::look(arguments.color);
        out.write_all(comparison::text(&comparison, look).as_bytes())?;
    }
    Ok(ExitCode::from(comparison.exit_status()))
}

/// Observations as they are made, then the verdict.
async fn in_json(mut request: Request) -> anyhow::Result<Report> {
    let mut json = Json::new(io::stdout().lock());
    let run = request.run(super::interrupted(), &mut json).await?;
    let report = Report::from(run);
    json.finish(&report)?;
    Ok(report)
}

async fn in_text(mut request: Request, arguments: &CheckArguments) -> anyhow::Result<Report> {
    let look = terminal::look(arguments.color);
    let mut text = Text::new(io::stdout().lock(), look, terminal::status());
    let run = request.run(super::interrupted(), &mut text).await?;
    let report = Report::from(run);
    text.finish(&report)?;
    Ok(report)
}
