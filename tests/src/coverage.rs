//! The page `docs/causes-coverage.md`: which cause has a rule, a lab fault and an end-to-end test.
//!
//! Pure: what is known goes in, the page comes out. The same facts always give the same page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::results::{HEALTHY, Seen};

/// One row of the catalogue, as far as this page needs it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Id of the cause.
    pub id: String,
    /// Its layer.
    pub layer: String,
    /// The places it can be observed from.
    pub vantages: Vec<String>,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub struct Known {
    /// The catalogue, in its order.
    pub rows: Vec<Row>,
    /// Ids of the causes with a rule.
    pub rules: Vec<String>,
    /// Names of the lab's faults, each with the causes it shows.
    pub faults: Vec<(String, Vec<String>)>,
    /// What the tests saw.
    pub seen: Vec<Seen>,
}

impl Known {
    /// What contradicts itself: ids that the catalogue lacks, and tests that saw the wrong cause.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut unknown = |id: &str, place: String| {
            if id != HEALTHY && !self.rows.iter().any(|row| row.id == id) {
                found.push(format!(
                    "{place} names `{id}`, which the catalogue does not have"
                ));
            }
        };
        for id in &self.rules {
            unknown(id, "a rule".to_owned());
        }
        for (name, causes) in &self.faults {
            for id in causes {
                unknown(id, format!("the lab fault `{name}`"));
            }
        }
        for seen in &self.seen {
            unknown(&seen.cause, format!("the test `{}`", seen.test));
        }
        let wrong = self.seen.iter().filter(|seen| !seen.right);
        found.extend(wrong.map(|seen| {
            format!(
                "the test `{}` did not find `{}` first",
                seen.test, seen.cause
            )
        }));
        found
    }

    /// The page, as Markdown.
    pub fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let mut layers: BTreeMap<usize, (&str, Counts)> = BTreeMap::new();
        let mut all = Counts::default();
        for row in &self.rows {
            let first = self
                .rows
                .iter()
                .position(|other| other.layer == row.layer)
                .unwrap_or(0);
            let (_, counts) = layers
                .entry(first)
                .or_insert((&row.layer, Counts::default()));
            let count = self.count(row);
            counts.add(count);
            all.add(count);
        }
        page.push_str(COUNTS_HEAD);
        for (layer, counts) in layers.values() {
            line(&mut page, &format!("{layer} | {}", counts.cells()));
        }
        line(&mut page, &format!("**all** | {}", all.cells()));
        let healthy = self
            .seen
            .iter()
            .filter(|seen| seen.cause == HEALTHY && seen.right)
            .count();
        let _ = write!(
            page,
            "\nHealthy controls, which must not be reported as faults: {healthy}.\n"
        );
        let mut layer = "";
        for row in &self.rows {
            if row.layer != layer {
                layer = &row.layer;
                let _ = write!(page, "\n## {layer}\n\n{ROWS_HEAD}");
            }
            self.write_row(&mut page, row);
        }
        page
    }

    fn write_row(&self, page: &mut String, row: &Row) {
        let rule = if self.rules.contains(&row.id) {
            "yes"
        } else {
            NONE
        };
        let or_none = |names: Vec<String>| {
            if names.is_empty() {
                NONE.to_owned()
            } else {
                names.join("<br>")
            }
        };
        let (faults, tests) = (or_none(self.faults_of(row)), or_none(self.tests_of(row)));
        line(
            page,
            &format!(
                "`{}` | {} | {rule} | {faults} | {tests}",
                row.id,
                row.vantages.join(", ")
            ),
        );
    }

    fn count(&self, row: &Row) -> Counts {
        let from_cli = row.vantages.iter().any(|vantage| vantage == "cli");
        let rule = self.rules.contains(&row.id);
        Counts {
            causes: 1,
            from_cli: usize::from(from_cli),
            rules: usize::from(rule),
            from_cli_with_rule: usize::from(from_cli && rule),
            faults: usize::from(!self.faults_of(row).is_empty()),
            tests: usize::from(!self.tests_of(row).is_empty()),
        }
    }

    fn faults_of(&self, row: &Row) -> Vec<String> {
        let shows = self
            .faults
            .iter()
            .filter(|(_, causes)| causes.contains(&row.id));
        shows.map(|(name, _)| format!("`{name}`")).collect()
    }

    fn tests_of(&self, row: &Row) -> Vec<String> {
        let seen = self
            .seen
            .iter()
            .filter(|seen| seen.cause == row.id && seen.right);
        seen.map(|seen| format!("`{}`", seen.test)).collect()
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    causes: usize,
    from_cli: usize,
    rules: usize,
    from_cli_with_rule: usize,
    faults: usize,
    tests: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.causes += other.causes;
        self.from_cli += other.from_cli;
        self.rules += other.rules;
        self.from_cli_with_rule += other.from_cli_with_rule;
        self.faults += other.faults;
        self.tests += other.tests;
    }

    fn cells(self) -> String {
        format!(
            "{} | {} | {} | {} | {} | {}",
            self.causes,
            self.rules,
            self.from_cli,
            self.from_cli_with_rule,
            self.faults,
            self.tests
        )
    }
}

fn line(page: &mut String, cells: &str) {
    let _ = writeln!(page, "| {cells} |");
}

const NONE: &str = "–";

const HEAD: &str = "\
# Coverage of causes

Made by `cargo xtask causes-table` from the catalogue, the rules, the lab and the results of the last test run.
Do not edit it. A test is listed when the top finding was this cause, end to end.

";

const COUNTS_HEAD: &str = "\
| layer | causes | with rule | seen from cli | of these with rule | with lab fault | with end-to-end test |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
";

const ROWS_HEAD: &str = "\
| cause | seen from | rule | lab fault | end-to-end test |
| --- | --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(cause: &str, test: &str, right: bool) -> Seen {
        Seen {
            cause: cause.to_owned(),
            test: test.to_owned(),
            right,
        }
    }

    fn row(id: &str, layer: &str, vantages: &[&str]) -> Row {
        let vantages = vantages.iter().map(|&vantage| vantage.to_owned()).collect();
        Row {
            id: id.to_owned(),
            layer: layer.to_owned(),
            vantages,
        }
    }

    fn known() -> Known {
        Known {
            rows: vec![
                row("dns-a", "dns", &["cli", "page"]),
                row("tcp-b", "tcp", &["cli"]),
                row("tcp-c", "tcp", &["page"]),
            ],
            rules: vec!["dns-a".to_owned(), "tcp-c".to_owned()],
            faults: vec![
                ("box".to_owned(), vec!["tcp-b".to_owned()]),
                ("fine".to_owned(), vec![]),
            ],
            seen: vec![
                seen("dns-a", "one", true),
                seen("dns-a", "two", true),
                seen(HEALTHY, "three", true),
            ],
        }
    }

    #[test]
    fn the_page_counts_and_lists() {
        let page = known().page();
        for expected in [
            "| dns | 1 | 1 | 1 | 1 | 0 | 1 |\n",
            "| tcp | 2 | 1 | 1 | 0 | 1 | 0 |\n",
            "| **all** | 3 | 2 | 2 | 1 | 1 | 1 |\n",
            "| `dns-a` | cli, page | yes | – | `one`<br>`two` |\n",
            "| `tcp-b` | cli | – | `box` | – |\n",
            "reported as faults: 1.\n",
        ] {
            assert!(page.contains(expected), "{expected}\nis not in\n{page}");
        }
    }

    #[test]
    fn consistent_facts_have_no_contradictions() {
        assert_eq!(known().contradictions(), Vec::<String>::new());
    }

    #[test]
    fn unknown_ids_and_wrong_findings_contradict() {
        let mut known = known();
        known.rules.push("no-rule".to_owned());
        known
            .faults
            .push(("wrong-box".to_owned(), vec!["no-fault".to_owned()]));
        known.seen.push(seen("no-test", "four", true));
        known.seen.push(seen("tcp-b", "five", false));
        assert_eq!(known.contradictions().len(), 4);
        assert!(!known.page().contains("five"));
    }
}
