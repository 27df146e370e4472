//! The page's side of a case, on the gateway's clock.
//!
//! It must never hold a proof.

use towpath_diagnosis::Fact;
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::page_report::PageReport;
use towpath_reports::Case;

/// What a page saw, with times in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Debug)]
pub(crate) struct PageSide {
    /// When the newest report arrived.
    pub(super) received_unix_ms: u64,
    /// The facts.
    pub(super) facts: Vec<(u64, Fact)>,
}

impl PageSide {
    /// Of a report that arrived at that time. What the page says of its origin counts only where the request has none.
    pub(super) fn of(report: PageReport, received_unix_ms: u64, origin: Option<&str>) -> Self {
        let now = report.now_ms;
        let mut facts = report.facts();
        for (at, fact) in &mut facts {
            let ago = (now - (*at).min(now)).min(REACHES_BACK_MS);
            *at = received_unix_ms.saturating_sub(ago);
            if let (Fact::Page(page), Some(origin)) = (fact, origin) {
                origin.clone_into(&mut page.origin);
            }
        }
        Self {
            received_unix_ms,
            facts,
        }
    }

    /// Of a case that is kept, if its page has reported.
    pub(crate) fn kept(case: &Case) -> Option<Self> {
        let facts = case.observations.iter();
        let facts = facts.filter(|one| one.vantage == Vantage::Page);
        case.from_page.then(|| Self {
            received_unix_ms: case.updated_unix_ms,
            facts: facts
                .map(|one| (case.started_unix_ms + one.at_ms, one.fact.clone()))
                .collect(),
        })
    }

    /// What the browser calls itself.
    pub(super) fn user_agent(&self) -> Option<&str> {
        self.facts.iter().find_map(|(_, fact)| match fact {
            Fact::Page(page) => Some(page.user_agent.as_str()),
            _ => None,
        })
    }
}

/// A page may have been connected for long when it reports. Further back no clock is believed.
const REACHES_BACK_MS: u64 = 12 * 60 * 60 * 1_000;
