//! Each network of the lab as page and gateway see it, and what must be said of it.

mod browser;
mod healthy;
mod networks;
mod property;
mod time;

use crate::catalogue::{self, Vantage};

#[test]
fn each_cause_can_be_observed_by_page_or_gateway() {
    for rule in super::RULES {
        let cause = catalogue::find(rule.cause).expect("rules name causes of the catalogue");
        let seen = [Vantage::Page, Vantage::Gateway];
        assert!(
            cause.vantages.iter().any(|vantage| seen.contains(vantage)),
            "{}",
            cause.id
        );
        for explained in rule.explains {
            assert!(catalogue::find(explained).is_some(), "{explained}");
        }
    }
}
