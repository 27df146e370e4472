//! The catalogue for its readers: a list, or everything about one cause.

use std::fmt::Write as _;

use serde_json::{Value, json};
use towpath_diagnosis::catalogue::{self, Cause, Kind, Vantage};
use towpath_diagnosis::rules::causes_with_rules;

use super::text::Look;
use super::text::look::{Tone, pad};

/// All causes, a line each, by layer.
pub fn list(look: Look) -> String {
    let ruled = causes_with_rules();
    let all = catalogue::all();
    let width = all.iter().map(|cause| cause.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut layer = None;
    for cause in all {
        if layer != Some(cause.layer) {
            layer = Some(cause.layer);
            let heading = format!("\n{}", cause.layer);
            let _ = writeln!(out, "{}", look.paint(Tone::Strong, &heading));
        }
        let rule = if ruled.contains(&cause.id.as_str()) {
            '*'
        } else {
            ' '
        };
        let letters: String = ALL_VANTAGES
            .iter()
            .map(|vantage| {
                if cause.vantages.contains(vantage) {
                    vantage.as_str()
                } else {
                    "-"
                }
            })
            .map(|word| &word[..1])
            .collect();
        let first = format!("  {rule} {letters} {} ", pad(&cause.id, width));
        out.push_str(&look.paragraph(&first, &cause.title));
    }
    let counted = all
        .iter()
        .filter(|cause| ruled.contains(&cause.id.as_str()))
        .count();
    let key = format!(
        "{} causes. *: this program has a rule for it and can name it ({counted}). c, p, g: it can be observed by the command line, \
         from a page or its recording, by a gateway. `towpath causes ID` tells everything about one.",
        all.len()
    );
    out.push('\n');
    out.push_str(&look.paragraph("", &key));
    out
}

/// All causes as a JSON array.
pub fn list_json() -> String {
    let all: Vec<Value> = catalogue::all().iter().map(value).collect();
    format!("{:#}\n", Value::Array(all))
}

/// Everything about one cause.
pub fn one(cause: &Cause, look: Look) -> String {
    let mut out = look.paint(Tone::Strong, look.paragraph("", &cause.title).trim_end());
    let kind = match cause.kind {
        Kind::Fault => "a fault",
        Kind::Context => "no fault by itself",
    };
    let _ = writeln!(out, "\n{}, layer {}, {kind}\n", cause.id, cause.layer);
    out.push_str(&look.paragraph("", &cause.summary));
    let detected = if has_rule(cause) {
        "There is a rule for it: `towpath check` and `towpath explain` can name it."
    } else {
        "There is no rule for it yet: this program never names it."
    };
    let seen = format!("{detected} It can be observed from: {}.", vantages(cause));
    for (heading, text) in [
        ("What it looks like", cause.signs.as_str()),
        ("What tells it from its neighbours", &cause.test),
        ("Who can see it", &seen),
        ("What you can do", &cause.remedy.user),
        ("What your IT can do", &cause.remedy.it),
        ("What the operator can do", &cause.remedy.operator),
        ("Easily mistaken for", &cause.neighbours.join(", ")),
    ] {
        let _ = writeln!(out, "\n{}", look.paint(Tone::Strong, heading));
        out.push_str(&look.paragraph("  ", &general(text)));
    }
    out
}

/// The text without a target to name.
fn general(text: &str) -> String {
    text.replace("{host}", "the host")
        .replace("{port}", "the port")
        .replace("{path}", "the path")
}

/// Everything about one cause as a JSON object. Its remedies keep their placeholders.
pub fn one_json(cause: &Cause) -> String {
    format!("{:#}\n", value(cause))
}

/// Ids that share the most with one that does not exist.
pub fn nearest(id: &str) -> String {
    let words: Vec<&str> = id.split('-').filter(|word| word.len() > 1).collect();
    let shared = |cause: &&Cause| {
        let own: Vec<&str> = cause.id.split('-').collect();
        words.iter().filter(|word| own.contains(word)).count()
    };
    let mut ranked: Vec<&Cause> = catalogue::all()
        .iter()
        .filter(|cause| shared(cause) > 0)
        .collect();
    ranked.sort_by_key(|cause| std::cmp::Reverse(shared(cause)));
    let names: Vec<&str> = ranked
        .iter()
        .take(NEAREST_MAX)
        .map(|cause| cause.id.as_str())
        .collect();
    names.join(", ")
}

fn value(cause: &Cause) -> Value {
    let mut value = serde_json::to_value(cause).expect("a cause has only string keys");
    value["rule"] = json!(has_rule(cause));
    value
}

fn has_rule(cause: &Cause) -> bool {
    causes_with_rules().contains(&cause.id.as_str())
}

fn vantages(cause: &Cause) -> String {
    let all: Vec<&str> = cause
        .vantages
        .iter()
        .map(|vantage| vantage.as_str())
        .collect();
    all.join(", ")
}

/// In the order of the list's letters.
const ALL_VANTAGES: [Vantage; 3] = [Vantage::Cli, Vantage::Page, Vantage::Gateway];

/// Most ids that are suggested.
const NEAREST_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_listed_with_what_can_see_it() {
        let (text, json) = (list(Look::default()), list_json());
        let json: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(json.len(), catalogue::all().len());
        for cause in catalogue::all() {
            assert!(text.contains(&format!(" {} ", cause.id)), "{}", cause.id);
        }
    }

    #[test]
    fn one_cause_is_told_whole() {
        let cause = catalogue::find("http-403-subproto").unwrap();
        let text = one(cause, Look::default());
        for part in [
            "http-403-subproto",
            "There is a rule",
            "What the operator can do",
            "cli",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn no_placeholder_is_shown() {
        for cause in catalogue::all() {
            assert!(!one(cause, Look::default()).contains('{'), "{}", cause.id);
        }
    }

    #[test]
    fn a_misspelt_id_is_helped() {
        assert!(nearest("http-403-subprotocol").contains("http-403-"));
        assert_eq!(nearest("zzz"), "");
    }
}
