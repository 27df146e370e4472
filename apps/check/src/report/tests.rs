use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::Environment;
use towpath_diagnosis::{ObservationId, Question};

use super::*;
use crate::options::Options;
use crate::request::Request;

fn report() -> Report {
    let options = Options {
        url: "ws://127.0.0.1:9/".to_owned(),
        budget: 25,
        ..Options::default()
    };
    let target = Request::new(&options).unwrap().target;
    let facts = [
        (None, Fact::Target(target)),
        (
            Some(Question::Environment),
            Fact::Environment(Environment::default()),
        ),
    ];
    let observations = (1..)
        .zip(facts)
        .map(|(number, (answers, fact))| Observation {
            id: ObservationId(number),
            at_ms: 0,
            vantage: Vantage::Cli,
            answers,
            fact,
        })
        .collect();
    Report::of(observations)
}

fn problem(text: &str) -> String {
    Report::parse("a.json", text)
        .expect_err("this should be refused")
        .to_string()
}

#[test]
fn what_is_saved_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let path = path.to_str().unwrap();
    report().save(path).unwrap();
    assert_eq!(Report::load(path).unwrap(), report());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_report() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    report().save(path.to_str().unwrap()).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn printed_lines_are_a_report_too() {
    use crate::run::Progress as _;
    let report = report();
    let mut out = Vec::new();
    let mut json = crate::render::json::Json::new(&mut out);
    json.answered(&report.observations).unwrap();
    json.finish(&report).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(Report::parse("a", &text).unwrap(), report);
    let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(problem(cut).contains("last line"));
}

#[test]
fn a_check_that_was_cut_short_is_never_healthy() {
    let mut observations = report().observations;
    for observation in &mut observations {
        observation.vantage = Vantage::Page;
    }
    let opened = serde_json::json!({
        "id": 3, "at_ms": 0, "vantage": "page", "answers": { "question": "browser" }, "fact": "browser",
        "browser": "x", "outcome": { "outcome": "opened", "frames_received": 1 }, "elapsed_ms": 1,
    });
    observations.push(serde_json::from_value(opened).unwrap());
    let mut report = Report::of(observations);
    assert_eq!(report.exit_status(), 0);
    report.cut_short = Some(CutShort::Interrupted);
    assert_eq!(report.judged_again().exit_status(), 3);
}

#[test]
fn what_is_no_report_is_told_apart() {
    let text = serde_json::to_string(&report()).unwrap();
    assert!(problem(&text[..text.len() - 20]).contains("cut off"));
    assert!(problem("").contains("empty"));
    let export = format!("{text}\n{text}\n");
    assert!(problem(&export).contains("2 cases"), "{}", problem(&export));
    assert!(Report::parse("a.json", &format!("{text}\n\n")).is_ok());
    assert!(problem("hello").contains("not JSON"));
    assert!(problem("{}").contains("not a report"));
    assert!(problem("[1, 2]").contains("a.json"));
    let newer = text.replacen("\"schema_version\":1", "\"schema_version\":2", 1);
    assert!(problem(&newer).contains("version 2"));
    let without = r#"{"schema_version":1,"tool":"t","requests":0,"elapsed_ms":0,"observations":[],
        "diagnosis":{"verdict":"healthy","findings":[],"context":[],"open":[]}}"#;
    assert!(problem(without).contains("what was checked"));
}
