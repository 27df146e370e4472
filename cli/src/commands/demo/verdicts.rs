//! The first part of the demo: three stand-ins from the lab, three checks, three verdicts.

use std::io::{self, Write as _};

use towpath_check::render::json::Json;
use towpath_check::render::text::{Look, Text};
use towpath_check::{Options, Report, Request};
use towpath_diagnosis::observation::BrowserUse;
use towpath_diagnosis::{Confidence, Verdict};

use crate::commands::interrupted;

/// One stand-in and what the check must say of it.
struct Scene {
    heading: &'static str,
    fault: &'static str,
    subprotocol: Option<&'static str>,
    /// The cause to be named first, for certain; none for a healthy stand-in.
    cause: Option<&'static str>,
}

const SCENES: [Scene; 3] = [
    Scene {
        heading: "A healthy server",
        fault: "healthy-echo",
        subprotocol: None,
        cause: None,
    },
    Scene {
        heading: "A chat server that answers an empty 403, and does not say why",
        fault: "seed-phoenix",
        subprotocol: Some("graphql-ws"),
        cause: Some("http-403-subproto"),
    },
    Scene {
        heading: "A proxy that lets the handshake through and resets at the first frame",
        fault: "proxy-101-rst",
        subprotocol: None,
        cause: Some("proxy-101-rst"),
    },
];

/// Plays all scenes. Says whether all verdicts are the expected ones.
pub(super) async fn show(in_json: bool, look: Look) -> anyhow::Result<bool> {
    let mut right = 0;
    for (number, scene) in (1..).zip(&SCENES) {
        if !in_json {
            let heading = format!("{number}. {}", scene.heading);
            writeln!(io::stdout(), "{heading}\n{}\n", "=".repeat(heading.len()))?;
        }
        let report = play(scene, in_json, look).await?;
        if is_right(scene, &report) {
            right += 1;
        }
        if !in_json {
            writeln!(io::stdout(), "\n")?;
        }
    }
    if !in_json {
        writeln!(
            io::stdout(),
            "{right} of {} verdicts are right.",
            SCENES.len()
        )?;
    }
    Ok(right == SCENES.len())
}

async fn play(scene: &Scene, in_json: bool, look: Look) -> anyhow::Result<Report> {
    let running = towpath_lab::start(scene.fault, towpath_lab::Options::default()).await?;
    let mut request = Request::new(&Options {
        url: running.url(),
        subprotocols: scene
            .subprotocol
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
        proxy: Some(running.proxy_url().unwrap_or_default()),
        browser: BrowserUse::Never,
        budget: towpath_check::options::BUDGET,
        ..Options::default()
    })?;
    let report = if in_json {
        let mut json = Json::new(io::stdout());
        let report = Report::from(request.run(interrupted(), &mut json).await?);
        json.finish(&report)?;
        report
    } else {
        let mut text = Text::new(io::stdout(), look, None);
        let report = Report::from(request.run(interrupted(), &mut text).await?);
        text.finish(&report)?;
        report
    };
    running.stop().await;
    Ok(report)
}

fn is_right(scene: &Scene, report: &Report) -> bool {
    let diagnosis = &report.diagnosis;
    match (scene.cause, diagnosis.findings.first()) {
        (None, None) => diagnosis.verdict == Verdict::Healthy,
        (Some(cause), Some(first)) => {
            first.cause == cause && first.confidence == Confidence::Certain
        }
        _ => false,
    }
}
