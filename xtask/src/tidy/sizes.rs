//! No source file grows past what one sitting can read; no file bloats the repository.

use super::scrub::before_tests;
use super::test_files::is_test_file;
use super::tree::{Complaint, File, Tree};

/// Complains about source files over [`LINES_MAX`] lines without tests, and files over [`BYTES_MAX`].
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let long = sources(tree)
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| {
            Complaint::new(
                &file.path,
                0,
                format!("{lines} lines without tests, at most {LINES_MAX}: split it"),
            )
        });
    let heavy = tree
        .files
        .iter()
        .filter(|file| file.bytes > BYTES_MAX && !is_lock(&file.path))
        .map(|file| {
            Complaint::new(
                &file.path,
                0,
                format!("{} bytes, at most {BYTES_MAX}", file.bytes),
            )
        });
    long.chain(heavy).collect()
}

/// One line on how long source files are, to compare with the aims: median 150, nine in ten 300.
pub(super) fn report(tree: &Tree) -> String {
    let mut lines: Vec<usize> = sources(tree).map(|(_, lines)| lines).collect();
    lines.sort_unstable();
    let Some(longest) = lines.last() else {
        return "no source files".to_owned();
    };
    let (median, ninth) = (
        lines[lines.len() / 2],
        lines[(lines.len() * 9 / 10).min(lines.len() - 1)],
    );
    format!(
        "{} source files; lines without tests: median {median} (aim {MEDIAN_AIM}), nine in ten {ninth} (aim {NINTH_AIM}), longest {longest} (cap {LINES_MAX})",
        lines.len()
    )
}

fn sources(tree: &Tree) -> impl Iterator<Item = (&File, usize)> {
    let rust = tree
        .ending(".rs")
        .filter(|file| !is_test_file(tree, &file.path))
        .map(|file| (file, before_tests(&file.text).lines().count()));
    let script = tree
        .ending(".js")
        .filter(|file| file.path.contains("/src/"))
        .map(|file| (file, file.text.lines().count()));
    rust.chain(script)
}

fn is_lock(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

const LINES_MAX: usize = 400;
const MEDIAN_AIM: usize = 150;
const NINTH_AIM: usize = 300;
const BYTES_MAX: u64 = 200 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_fails() {
        let long = "fn a() {}\n".repeat(LINES_MAX + 1);
        assert_eq!(check(&Tree::of(&[("io/net/src/lib.rs", &long)])).len(), 1);
        assert_eq!(
            check(&Tree::of(&[
                ("io/net/src/lib.rs", "#[cfg(test)]\nmod tests;\n"),
                ("io/net/src/tests.rs", &long)
            ])),
            []
        );
    }

    #[test]
    fn tests_at_the_bottom_do_not_count() {
        let source = format!(
            "fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "// a\n".repeat(LINES_MAX)
        );
        assert_eq!(check(&Tree::of(&[("io/net/src/lib.rs", &source)])), []);
    }

    #[test]
    fn a_heavy_file_fails_unless_it_is_a_lock() {
        let heavy = "a".repeat(usize::try_from(BYTES_MAX).unwrap() + 1);
        assert_eq!(check(&Tree::of(&[("docs/a.svg", &heavy)])).len(), 1);
        assert_eq!(check(&Tree::of(&[("Cargo.lock", &heavy)])), []);
    }
}
