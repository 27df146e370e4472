//! Cases: in a list, and one with everything that both sides saw.

use serde::Serialize;
use towpath_diagnosis::{Confidence, Verdict};
use towpath_reports::{Case, CaseKind};

/// A case in a list.
#[derive(Debug, Clone, Serialize)]
pub(in crate::console) struct Row {
    code: String,
    kind: CaseKind,
    started_unix_ms: u64,
    updated_unix_ms: u64,
    network: String,
    user: String,
    browser: String,
    host: String,
    path: String,
    transport: String,
    from_page: bool,
    verdict: Verdict,
    findings: Vec<Named>,
}

/// A finding in a list.
#[derive(Debug, Clone, Serialize)]
struct Named {
    cause: String,
    title: String,
    confidence: Confidence,
}

impl Row {
    /// What a list shows of a case.
    pub(in crate::console) fn of(case: &Case) -> Self {
        let findings = case.diagnosis.findings.iter().take(FINDINGS_MAX);
        let named = findings.map(|finding| Named {
            cause: finding.cause.clone(),
            title: finding.title.clone(),
            confidence: finding.confidence,
        });
        Self {
            code: case.code.clone(),
            kind: case.kind,
            started_unix_ms: case.started_unix_ms,
            updated_unix_ms: case.updated_unix_ms,
            network: case.network.clone(),
            user: case.user.clone(),
            browser: case.browser.clone(),
            host: case.host.clone(),
            path: case.path.clone(),
            transport: case.transport.clone(),
            from_page: case.from_page,
            verdict: case.diagnosis.verdict,
            findings: named.collect(),
        }
    }

    /// Whether this is the row of that case.
    pub(in crate::console) fn is_of(&self, case: &Case) -> bool {
        self.code == case.code
    }
}

/// Findings of a case in a list.
const FINDINGS_MAX: usize = 4;
