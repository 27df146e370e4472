//! Writes `docs/causes-coverage.md`, or checks with `--check` that it is what the last test run says.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use towpath_diagnosis::{catalogue, rules};
use towpath_tests::coverage::{Known, Row};
use towpath_tests::results;

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref() == Some("--check")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<(), String> {
    let seen = results::read().map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            "no results of end-to-end tests: run `cargo xtask test` first".to_owned()
        }
        _ => format!("cannot read {}: {error}", results::path().display()),
    })?;
    let known = Known {
        rows: rows(),
        rules: owned(&rules::causes_with_rules()),
        faults: faults(),
        seen,
    };
    let contradictions = known.contradictions();
    if !contradictions.is_empty() {
        return Err(contradictions.join("\nerror: "));
    }
    let page = known.page();
    let path = page_path();
    if check {
        return compare(
            &fs::read_to_string(&path)
                .or_else(absent_is_empty)
                .map_err(|error| error.to_string())?,
            &page,
        );
    }
    fs::write(&path, page).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn rows() -> Vec<Row> {
    let row = |cause: &catalogue::Cause| Row {
        id: cause.id.clone(),
        layer: cause.layer.to_string(),
        vantages: cause.vantages.iter().map(ToString::to_string).collect(),
    };
    catalogue::all().iter().map(row).collect()
}

fn faults() -> Vec<(String, Vec<String>)> {
    let fault = |fault: &towpath_lab::Fault| (fault.name.to_owned(), owned(fault.causes));
    towpath_lab::faults().iter().map(fault).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn absent_is_empty(error: io::Error) -> io::Result<String> {
    if error.kind() == ErrorKind::NotFound {
        Ok(String::new())
    } else {
        Err(error)
    }
}

/// Compares the committed page with the one that the results give.
fn compare(committed: &str, made: &str) -> Result<(), String> {
    if committed == made {
        return Ok(());
    }
    let mut differences: Vec<String> = Vec::new();
    differences.extend(
        committed
            .lines()
            .filter(|line| !made.lines().any(|other| other == *line))
            .map(|line| format!("- {line}")),
    );
    differences.extend(
        made.lines()
            .filter(|line| !committed.lines().any(|other| other == *line))
            .map(|line| format!("+ {line}")),
    );
    differences.truncate(DIFFERENCES_SHOWN_MAX);
    Err(format!(
        "docs/causes-coverage.md is not what the last test run says (- committed, + measured):\n{}\n\
         run `cargo xtask causes-table` after a whole `cargo xtask test` and commit the page",
        differences.join("\n")
    ))
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/causes-coverage.md")
}

/// Lines of difference that are printed.
const DIFFERENCES_SHOWN_MAX: usize = 40;
