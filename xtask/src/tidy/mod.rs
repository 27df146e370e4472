//! The project's own rules as code, one file per rule. A rule is a pure function from the files to complaints.
//!
//! Rules never read the disk themselves, so that each can be shown to fail on a made-up tree.

mod leftovers;
mod licences;
mod links;
mod lints;
mod programs;
mod purity;
mod scrub;
mod sizes;
mod test_files;
mod tiers;
mod tree;
mod words;

use anyhow::Result;
use std::path::Path;
use std::process::ExitCode;
use tree::{Complaint, Tree};

/// Applies every rule, prints all complaints and fails if there is one.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    let tree = Tree::read(root)?;
    let mut complaints = 0;
    for rule in RULES {
        let mut found = (rule.check)(&tree);
        found.sort();
        found.dedup();
        for complaint in &found {
            println!("{complaint} [{}]", rule.name);
        }
        complaints += found.len();
    }
    println!("tidy: {}", sizes::report(&tree));
    println!(
        "tidy: {} rules, {} files, {complaints} complaints",
        RULES.len(),
        tree.files.len()
    );
    Ok(if complaints == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Rule {
    name: &'static str,
    check: fn(&Tree) -> Vec<Complaint>,
}

const RULES: [Rule; 9] = [
    Rule {
        name: "tiers",
        check: tiers::check,
    },
    Rule {
        name: "purity",
        check: purity::check,
    },
    Rule {
        name: "sizes",
        check: sizes::check,
    },
    Rule {
        name: "leftovers",
        check: leftovers::check,
    },
    Rule {
        name: "words",
        check: words::check,
    },
    Rule {
        name: "links",
        check: links::check,
    },
    Rule {
        name: "lints",
        check: lints::check,
    },
    Rule {
        name: "programs",
        check: programs::check,
    },
    Rule {
        name: "licences",
        check: licences::check,
    },
];
