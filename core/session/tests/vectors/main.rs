//! Makes the files in `vectors/` from the core and compares them with what is checked in, so that every other
//! implementation replays exactly what this one does. `TOWPATH_WRITE_VECTORS=1` writes them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

mod choices;
mod envelopes;
mod hex;
mod player;
mod random;
mod scripts;

use std::path::PathBuf;

use serde_json::Value;

/// Compares or writes one file.
fn check(name: &str, content: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors")
        .join(name);
    let text = lines(content);
    if std::env::var_os("TOWPATH_WRITE_VECTORS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let first = there.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(
        there == text,
        "{name} differs from the core, first in {first:?}"
    );
}

/// One case per line and one step per line: small, and a difference is easy to read.
fn lines(content: &Value) -> String {
    let (name, cases) = content
        .as_object()
        .and_then(|object| object.iter().next())
        .unwrap();
    let cases: Vec<String> = cases.as_array().unwrap().iter().map(case_lines).collect();
    format!("{{\"{name}\": [\n{}\n]}}\n", cases.join(",\n"))
}

fn case_lines(case: &Value) -> String {
    let Some(steps) = case.get("steps").and_then(Value::as_array) else {
        return case.to_string();
    };
    let mut head = case.clone();
    head.as_object_mut().unwrap().remove("steps");
    let head = head.to_string();
    let steps: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
    format!(
        "{},\"steps\": [\n{}\n]}}",
        &head[..head.len() - 1],
        steps.join(",\n")
    )
}

#[test]
fn envelopes() {
    check("envelopes.json", &envelopes::content());
}

#[test]
fn sessions() {
    check("session.json", &scripts::content());
}

#[test]
fn choices() {
    check("choice.json", &choices::content());
}
