//! Files from elsewhere: any text is refused or explained, and what was explained survives being saved and exported.

use towpath_check::explain;
use towpath_check::har;

/// Reads `data` as a report, a HAR or a network log, whichever it looks like.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(explained) = explain::parse("input", &text, None) else {
        return;
    };
    let saved = serde_json::to_string(&explained.report).expect("a report is JSON");
    let again = explain::parse("saved", &saved, None).expect("a saved report can be read");
    assert_eq!(
        again.report.diagnosis, explained.report.diagnosis,
        "saving changes no judgement"
    );
    let _exported = har::archive(&explained.report);
}
