//! Nothing unfinished is committed: no markers for later, no stubs, no debugging, no silenced dead code.

use super::scrub::code_only;
use super::tree::{Complaint, File, Tree};

/// Complains about markers in any text file, and about stubs and silenced lints in Rust code.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = tree.files.iter().flat_map(markers).collect();
    complaints.extend(tree.ending(".rs").flat_map(stubs));
    complaints
}

fn markers(file: &File) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for marker in MARKERS {
            if has_word(line, marker) {
                found.push(Complaint::new(
                    &file.path,
                    index + 1,
                    format!("{marker}: do it, or file an issue"),
                ));
            }
        }
    }
    found
}

fn stubs(file: &File) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (index, line) in code_only(&file.text).lines().enumerate() {
        // Spaces are where people differ; the scrubber also leaves some in place of strings.
        let squeezed: String = line.split_whitespace().collect();
        for (needle, message) in STUBS {
            if squeezed.contains(needle) {
                found.push(Complaint::new(&file.path, index + 1, message));
            }
        }
    }
    found
}

/// Whether `word` stands alone in `line`, not inside a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_word) && !line[at + word.len()..].starts_with(part_of_word)
    })
}

/// Written in halves so that this file does not break its own rule.
const MARKERS: [&str; 3] = [
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X"),
];

const STUBS: [(&str, &str); 6] = [
    ("todo!(", "a stub: write it or leave it out"),
    ("unimplemented!(", "a stub: write it or leave it out"),
    ("dbg!(", "debugging output"),
    (
        "#[ignore]",
        "an ignored test needs its reason: #[ignore = \"why\"]",
    ),
    ("allow(dead_code", "dead code: delete it"),
    ("allow(unused", "unused code: delete it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn markers_fail_in_code_and_prose() {
        for marker in MARKERS {
            assert_eq!(
                complaints("a.rs", &format!("// {marker}: later\n")),
                1,
                "{marker}"
            );
            assert_eq!(
                complaints("docs/a.md", &format!("{marker} write this\n")),
                1,
                "{marker}"
            );
            assert_eq!(
                complaints("docs/a.md", &format!("MY{marker}S\n")),
                0,
                "{marker}"
            );
        }
    }

    #[test]
    fn stubs_fail_in_code_only() {
        for (needle, _) in STUBS {
            assert_eq!(
                complaints("a.rs", &format!("fn a() {{}}\n{needle}\n")),
                1,
                "{needle}"
            );
            assert_eq!(complaints("a.rs", &format!("// {needle}\n")), 0, "{needle}");
        }
        assert_eq!(complaints("a.rs", "#[allow(dead_code)]\nfn a() {}\n"), 1);
        assert_eq!(
            complaints("a.rs", "#[ignore = \"needs a printer\"]\nfn a() {}\n"),
            0
        );
    }
}
