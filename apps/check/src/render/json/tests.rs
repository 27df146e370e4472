use std::io::BufRead as _;

use serde_json::Value;
use towpath_diagnosis::observation::Environment;

use super::*;
use crate::options::Options;
use crate::request::Request;
use crate::run::{Ask, Bounds, run};

struct Mute;

impl Ask for Mute {
    async fn ask(&mut self, _: &Question) -> Vec<Fact> {
        vec![Fact::Environment(Environment::default())]
    }
}

async fn lines() -> Vec<Value> {
    let request = Request::new(&Options {
        url: "ws://127.0.0.1:9/".to_owned(),
        budget: 5,
        ..Options::default()
    })
    .unwrap();
    let mut out = Vec::new();
    let mut json = Json::new(&mut out);
    let bounds = Bounds {
        budget: 0,
        time: std::time::Duration::from_secs(1),
    };
    let ran = run(
        request.target,
        &mut Mute,
        &bounds,
        std::future::pending(),
        &mut json,
    )
    .await
    .unwrap();
    json.finish(&Report::from(ran)).unwrap();
    out.lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_last_line_is_the_verdict_and_all_others_are_observations() {
    let lines = lines().await;
    let (verdict, others) = lines.split_last().unwrap();
    assert_eq!(verdict["type"], "verdict");
    assert_eq!(verdict["schema_version"], SCHEMA_VERSION);
    assert_eq!(verdict["verdict"], "cannot_tell");
    assert_eq!(verdict["exit_status"], 3);
    assert_eq!(verdict["findings"], Value::Array(Vec::new()));
    assert_eq!(verdict["url"], "ws://127.0.0.1:9/");
    assert_eq!(verdict["budget"], 5);
    assert!(others.len() >= 2);
    assert!(others.iter().all(|line| line["type"] == "observation"));
    assert_eq!(others[0]["fact"], "target");
    assert_eq!(others[1]["answers"]["question"], "environment");
}

/// As much of JSON Schema as `docs/report.schema.json` uses. Gives the path of the first breach.
fn breach(schema: &Value, root: &Value, value: &Value, path: &str) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return breach(target, root, value, path);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices
            .iter()
            .filter(|choice| breach(choice, root, value, path).is_none());
        return (fits.count() != 1).then(|| format!("{path}: not exactly one alternative fits"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &&str| match *name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("the validator does not know {other}"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        return Some(format!("{path}: not of type {types:?}"));
    }
    if let Some(expected) = schema.get("const").filter(|expected| *expected != value) {
        return Some(format!("{path}: not {expected}"));
    }
    if let Some(choices) = schema["enum"].as_array().filter(|all| !all.contains(value)) {
        return Some(format!("{path}: not one of {choices:?}"));
    }
    let missing = schema["required"].as_array().into_iter().flatten();
    for name in missing.filter_map(Value::as_str) {
        if value.get(name).is_none() {
            return Some(format!("{path}: without {name}"));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, inner) in properties {
            let found = value.get(name);
            let broken = found.and_then(|one| breach(inner, root, one, &format!("{path}.{name}")));
            if broken.is_some() {
                return broken;
            }
        }
    }
    let items = value.as_array().into_iter().flatten();
    items
        .filter(|_| schema.get("items").is_some())
        .find_map(|item| breach(&schema["items"], root, item, &format!("{path}[]")))
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../../docs/report.schema.json")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_line_keeps_to_the_published_schema() {
    let schema = schema();
    for line in lines().await {
        assert_eq!(breach(&schema, &schema, &line, "line"), None, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_validator_notices_breaches() {
    let schema = schema();
    let verdict = lines().await.pop().unwrap();
    for (member, wrong) in [
        ("verdict", Value::from("broken")),
        ("schema_version", Value::from(2)),
        ("findings", Value::from("none")),
        ("findings", serde_json::json!([{ "cause": "x" }])),
        ("type", Value::from("other")),
    ] {
        let mut line = verdict.clone();
        line[member] = wrong;
        assert!(breach(&schema, &schema, &line, "line").is_some(), "{line}");
    }
}

#[test]
fn the_schema_knows_every_layer_and_every_confidence() {
    let schema = schema();
    let layers = &schema["$defs"]["finding"]["properties"]["layer"]["enum"];
    for cause in towpath_diagnosis::catalogue::all() {
        let layer = Value::from(cause.layer.as_str());
        assert!(layers.as_array().unwrap().contains(&layer), "{layer}");
    }
}
