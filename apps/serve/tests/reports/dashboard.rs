//! The dashboard and the alerts in docs/grafana ask for metrics that there are.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{World, ask, fallen_back};

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/grafana");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The names of metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|one: char| !one.is_ascii_alphanumeric() && one != '_');
    let metrics = words.filter(|word| word.starts_with("towpath_"));
    metrics.map(str::to_owned).collect()
}

/// A gateway of which every metric has a value.
async fn all_metrics() -> String {
    let world = World::start(|_| {}).await;
    let granted = world.session(1, "4f9k2m").await;
    let report = fallen_back(&json!({ "token": granted.token }), "4f9k2m");
    assert_eq!(world.report(&report).await.status, 200);
    let text = ask(world.metrics, "GET", "/metrics", "", b"").await.body;
    assert!(
        text.contains("towpath_reports_total{outcome=\"session\"} 1"),
        "{text}"
    );
    text
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_metrics_that_there_are() {
    let text = all_metrics().await;
    let described: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|line| line.split_once(' '))
        .map(|(name, kind)| {
            if kind == "counter" {
                format!("{name}_total")
            } else {
                name.to_owned()
            }
        })
        .collect();
    assert!(
        described.contains("towpath_networks_began_failing_total"),
        "{described:?}"
    );
    for file in ["towpath.json", "alerts.yml"] {
        let asked = names(&read(file));
        assert!(asked.len() > 3, "{file}: {asked:?}");
        let unknown: Vec<_> = asked.difference(&described).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}\n{described:?}");
    }
}

#[test]
fn the_dashboard_is_whole() {
    let dashboard: Value = serde_json::from_str(&read("towpath.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        let place = &panel["gridPos"];
        let right = place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap();
        assert!(right <= 24, "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(
            !targets.is_empty() && !panel["description"].as_str().unwrap().is_empty(),
            "{title}"
        );
        for target in targets {
            let asked = target["expr"].as_str().unwrap();
            assert_eq!(
                asked.matches('(').count(),
                asked.matches(')').count(),
                "{title}"
            );
        }
    }
}
