//! What the last tests saw of sessions through bad networks, as a table for people.
//!
//! The lines come from the tests package (`tests/src/carried.rs`); nothing here decides whether a test passed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The table of `target/carry-results.tsv`. `None` where no test has noted anything.
pub(crate) fn table(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join(RESULTS)).ok()?;
    let rows = rows(&text);
    (!rows.is_empty()).then(|| show(&rows))
}

/// Of one network and client: the fields of the first and of the second visit.
type Rows<'a> = BTreeMap<(&'a str, String), [Option<Vec<&'a str>>; 2]>;

fn rows(text: &str) -> Rows<'_> {
    let mut rows = Rows::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [network, client, tls, visit, ..] = fields[..] else {
            continue;
        };
        if fields.len() != FIELDS {
            continue;
        }
        let visits = rows
            .entry((network, format!("{client} {tls}")))
            .or_default();
        visits[usize::from(visit != "1")] = Some(fields);
    }
    rows
}

fn show(rows: &Rows<'_>) -> String {
    let mut table = format!(
        "{:<28} {:<16} {:>10} {:>10}  {:<10} {:>6} {:>5} {:>7} {:>9}\n",
        "network",
        "client",
        "first (ms)",
        "again (ms)",
        "over",
        "sent",
        "lost",
        "doubled",
        "reordered"
    );
    for ((network, client), visits) in rows {
        let field =
            |visit: usize, index: usize| visits[visit].as_ref().map_or("-", |fields| fields[index]);
        let sum = |index: usize| {
            let all = visits
                .iter()
                .flatten()
                .filter_map(|fields| fields[index].parse::<u64>().ok());
            all.fold(0, u64::saturating_add)
        };
        let over = if visits[0].is_some() {
            field(0, 4)
        } else {
            field(1, 4)
        };
        writeln!(
            table,
            "{network:<28} {client:<16} {:>10} {:>10}  {over:<10} {:>6} {:>5} {:>7} {:>9}",
            field(0, 5),
            field(1, 5),
            sum(6),
            sum(7),
            sum(8),
            sum(9)
        )
        .expect("a String takes everything");
    }
    table
}

/// Where the tests note what they saw.
pub(crate) const RESULTS: &str = "target/carry-results.tsv";
/// How many fields a line has.
const FIELDS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_visits_share_a_row() {
        let text = "hung\tfirefox\ttls\t1\tstream\t310\t600\t0\t0\t0\n\
                    hung\tfirefox\ttls\t2\tstream\t25\t30\t1\t0\t0\nnonsense\n";
        let shown = show(&rows(text));
        let row = shown.lines().nth(1).unwrap();
        let words: Vec<&str> = row.split_whitespace().collect();
        let expected = [
            "hung", "firefox", "tls", "310", "25", "stream", "630", "1", "0", "0",
        ];
        assert_eq!(words, expected);
        assert_eq!(shown.lines().count(), 2);
    }
}
