//! Cases: in a list, and one with everything that both sides saw.

use serde::Serialize;
use towpath_diagnosis::observation::AttachmentEnd;
use towpath_diagnosis::{Confidence, Fact, Observation, Verdict, catalogue};
use towpath_reports::{Case, CaseKind, CaseLine, Filter};

use super::super::Console;
use super::query::Query;
use super::{Unanswered, ask};
use crate::code;
use crate::observe::Seen;
use crate::reports::{PageSide, join};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
}

impl Row {
    /// What a list shows of a case.
    pub(in crate::console) fn of(case: &Case) -> Self {
        let findings = case.diagnosis.findings.iter().take(FINDINGS_MAX);
        let named = findings.map(|finding| Named {
            cause: finding.cause.clone(),
            title: finding.title.clone(),
            confidence: Some(finding.confidence),
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

    /// The same of a case of which no more than that was read.
    pub(super) fn of_line(line: CaseLine) -> Self {
        let causes = line.causes.into_iter().take(FINDINGS_MAX);
        let named = causes.map(|cause| Named {
            title: title(&cause),
            cause,
            confidence: None,
        });
        Self {
            code: line.code,
            kind: line.kind,
            started_unix_ms: line.started_unix_ms,
            updated_unix_ms: line.updated_unix_ms,
            network: line.network,
            user: line.user,
            browser: line.browser,
            host: line.host,
            path: line.path,
            transport: line.transport,
            from_page: line.from_page,
            verdict: line.verdict,
            findings: named.collect(),
        }
    }

    /// Whether this is the row of that case.
    pub(in crate::console) fn is_of(&self, case: &Case) -> bool {
        self.code == case.code
    }
}

/// The catalogue's title of a cause; its id where a later catalogue has it no more.
pub(super) fn title(cause: &str) -> String {
    let known = catalogue::find(cause);
    known.map_or(cause, |cause| &cause.title).to_owned()
}

/// Cases, newest first.
#[derive(Debug, Serialize)]
pub(super) struct List {
    cases: Vec<Row>,
    /// Whether there are more than are listed.
    more: bool,
}

/// The cases that a query asks for.
pub(super) async fn list(console: &Console, query: &Query) -> Result<List, Unanswered> {
    let limit = query.limit.unwrap_or(CASES_MAX).clamp(1, CASES_MAX);
    let text = query.text.as_deref();
    let filter = Filter {
        since_unix_ms: query.since_unix_ms(),
        network: query.network.clone(),
        cause: query.cause.clone(),
        // A code is kept without its dash.
        text: text.map(|text| code::read(text).map_or_else(|| text.to_owned(), String::from)),
        limit: limit + 1,
    };
    let mut lines = ask(console, move |store| store.cases(&filter)).await?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    Ok(List {
        cases: lines.into_iter().map(Row::of_line).collect(),
        more,
    })
}

/// One case.
#[derive(Debug, Serialize)]
pub(super) struct One {
    case: Case,
    /// Whether it is connected at this moment.
    live: bool,
}

/// What is known under a code, whoever wrote it however: what is kept, and what the gateway sees of a session that
/// lives or has just ended.
pub(super) async fn one(console: &Console, written: &str) -> Result<One, Unanswered> {
    let unknown = Unanswered::Unknown("nothing is known under this code\n");
    let Some(code) = code::read(&written.replace("%20", " ")) else {
        return Err(unknown);
    };
    let seen = console.gateway.observer.session(&code);
    let kept = ask(console, move |store| store.case(&code)).await;
    match (seen, kept) {
        (Some(mut seen), kept) => {
            let kept = kept.ok().flatten();
            if let Some(kept) = &kept {
                add_histories(&mut seen, kept);
            }
            let case = join(seen, kept.as_ref().and_then(PageSide::kept));
            let live = is_live(&case);
            Ok(One { case, live })
        }
        (None, Ok(Some(case))) => Ok(One { case, live: false }),
        (None, Ok(None)) => Err(unknown),
        (None, Err(why)) => Err(why),
    }
}

/// What was known of the client's network when the case was kept belongs to it still.
fn add_histories(seen: &mut Seen, kept: &Case) {
    let is_history = |one: &&Observation| matches!(one.fact, Fact::History(_));
    if seen.observations.iter().any(|one| is_history(&one)) {
        return;
    }
    let histories = kept.observations.iter().filter(is_history).cloned();
    seen.observations.extend(histories.map(|mut one| {
        let at_unix_ms = kept.started_unix_ms.saturating_add(one.at_ms);
        one.at_ms = at_unix_ms.saturating_sub(seen.started_unix_ms);
        one
    }));
}

fn is_live(case: &Case) -> bool {
    case.observations.iter().any(|one| match &one.fact {
        Fact::Attachment(attachment) => attachment.end == AttachmentEnd::Open,
        _ => false,
    })
}

/// One case for a browser's developer tools.
pub(super) async fn har(console: &Console, written: &str) -> Result<serde_json::Value, Unanswered> {
    Ok(one(console, written).await?.case.har())
}

/// Findings of a case in a list.
const FINDINGS_MAX: usize = 4;

/// Cases of one list.
const CASES_MAX: u32 = 200;
