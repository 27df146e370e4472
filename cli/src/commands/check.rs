//! `towpath check`.

use std::io;
use std::process::ExitCode;

use towpath_check::render::json::Json;
use towpath_check::{Report, Request};

use crate::arguments::check::CheckArguments;

/// Checks one address and tells what came of it.
pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let request = Request::new(&arguments.options())?;
    let report = super::block_on(check(request))??;
    Ok(ExitCode::from(report.exit_status()))
}

async fn check(mut request: Request) -> anyhow::Result<Report> {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the default one ends the process.
            std::future::pending::<()>().await;
        }
    };
    let mut json = Json::new(io::stdout().lock());
    let run = towpath_check::run(
        request.target,
        &mut request.probe,
        &request.bounds,
        interrupted,
        &mut json,
    )
    .await?;
    let report = Report::from(run);
    json.finish(&report)?;
    Ok(report)
}
