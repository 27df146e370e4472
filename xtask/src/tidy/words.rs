//! No file names a path of the machine it was written on: such a path works nowhere else.

use super::tree::{Complaint, Tree};

/// Complains about every line that holds a banned path.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            for word in BANNED {
                if holds(line, word) {
                    found.push(Complaint::new(
                        &file.path,
                        index + 1,
                        format!("names `{word}`, a path of one machine"),
                    ));
                }
            }
        }
    }
    found
}

/// Whether the path starts in this line, not in the middle of a longer one such as `net/work/`.
fn holds(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_'))
}

/// Written in halves so that this file does not break its own rule.
const BANNED: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!(".lib", "rary/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "brief"),
    concat!("sha", "red/research"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_fail() {
        for word in BANNED {
            let text = format!("see {word} for more\n");
            assert_eq!(check(&Tree::of(&[("docs/a.md", &text)])).len(), 1, "{word}");
        }
    }

    #[test]
    fn longer_words_pass() {
        let text = format!("the net{}here, and a{}\n", BANNED[0], BANNED[1]);
        assert_eq!(check(&Tree::of(&[("docs/a.md", &text)])), []);
    }
}
