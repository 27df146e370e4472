//! Reports of pages: any bytes are refused by a name or become harmless facts, which can be judged and written.

use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::page_report::{ATTEMPTS_MAX, PageReport, TESTS_MAX};
use towpath_diagnosis::{Fact, Observation, ObservationId, diagnose, har};

/// Reads `data` as the body of a report.
pub fn run(data: &[u8]) {
    let report = match PageReport::parse(data) {
        Ok(report) => report,
        Err(error) => {
            assert!(error.to_string().len() < 200, "a short line: {error}");
            return;
        }
    };
    let now = report.now_ms;
    let facts = report.facts();
    assert!(facts.len() <= 1 + ATTEMPTS_MAX + TESTS_MAX);
    let observations: Vec<Observation> = (1..)
        .zip(facts)
        .map(|(number, (at_ms, fact))| {
            assert!(at_ms <= now, "nothing is later than the report");
            if let Fact::Page(page) = &fact {
                for text in [&page.user_agent, &page.origin] {
                    assert!(text.chars().count() <= 256, "{text}");
                    assert!(!text.chars().any(char::is_control), "{text:?}");
                }
            }
            Observation {
                id: ObservationId(number),
                at_ms,
                vantage: Vantage::Page,
                answers: None,
                fact,
            }
        })
        .collect();
    let written = serde_json::to_string(&observations).expect("facts are JSON");
    let again: Vec<Observation> = serde_json::from_str(&written).expect("facts can be read again");
    assert_eq!(again, observations);
    let _judged = diagnose(&observations);
    let _exported = har::archive(&observations, 0);
}
