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
