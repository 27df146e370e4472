//! A case as it is written out: also a saved report, so that `towpath explain` reads it.
//!
//! Nothing is in it that is not in the case.

use serde::Serialize;
use towpath_diagnosis::observation::SCHEMA_VERSION;

use crate::case::Case;

/// A case with the heading of a saved report. One line of an NDJSON export is one of these.
#[derive(Debug, Serialize)]
pub struct Exported<'a> {
    schema_version: u32,
    tool: &'static str,
    requests: u32,
    elapsed_ms: u64,
    #[serde(flatten)]
    case: &'a Case,
}

impl Case {
    /// The case with the heading of a saved report.
    pub fn exported(&self) -> Exported<'_> {
        Exported {
            schema_version: SCHEMA_VERSION,
            tool: concat!("towpath ", env!("CARGO_PKG_VERSION")),
            requests: 0,
            elapsed_ms: self.updated_unix_ms.saturating_sub(self.started_unix_ms),
            case: self,
        }
    }

    /// The case as an HTTP archive (HAR 1.2), which browsers' developer tools open.
    pub fn har(&self) -> serde_json::Value {
        towpath_diagnosis::har::archive(&self.observations, self.started_unix_ms)
    }

    /// The case as one line of an NDJSON export, with its line break.
    pub fn line(&self) -> String {
        let mut line =
            serde_json::to_string(&self.exported()).expect("the model has only string keys");
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use towpath_diagnosis::diagnose;

    use crate::case::{Case, CaseKind};

    #[test]
    fn a_line_is_a_case_and_a_saved_report() {
        let case = Case {
            code: "k3m9p2xq".to_owned(),
            kind: CaseKind::Check,
            started_unix_ms: 1_000,
            updated_unix_ms: 3_500,
            network: "192.0.2.0/24".to_owned(),
            user: "u".to_owned(),
            browser: "b".to_owned(),
            host: "h\n".to_owned(),
            path: "/".to_owned(),
            transport: String::new(),
            from_page: true,
            observations: Vec::new(),
            diagnosis: diagnose(&[]),
        };
        let line = case.line();
        assert_eq!(line.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["schema_version"], 1);
        assert_eq!(
            (&value["requests"], &value["elapsed_ms"]),
            (&0.into(), &2_500.into())
        );
        assert!(value["tool"].as_str().unwrap().starts_with("towpath "));
        let again: Case = serde_json::from_value(value).unwrap();
        assert_eq!(again, case);
        assert_eq!(case.har()["log"]["version"], "1.2");
    }
}
