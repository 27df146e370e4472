//! Core opens no socket or file and reads no clock: time and bytes are arguments, so that every test is exact.
//!
//! Looks at code only, not at comments, strings or tests.

use super::scrub::{before_tests, code_only};
use super::test_files::is_test_file;
use super::tree::{Complaint, File, Tree};

/// Complains about each use of something impure in the sources of core.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.ending(".rs")
        .filter(|file| file.path.starts_with("core/") && !is_test_file(tree, &file.path))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &File) -> Vec<Complaint> {
    let code = code_only(before_tests(&file.text));
    let mut found = Vec::new();
    for (path, line) in paths(&code) {
        for (needle, instead) in IMPURE {
            if contains_path(&path, needle) {
                found.push(Complaint::new(
                    &file.path,
                    line,
                    format!("core must not use `{needle}`: {instead}"),
                ));
            }
        }
    }
    found
}

/// Every path of the code with its line. Groups of `use` are written out: `std::{fs, net::IpAddr}` gives both paths.
fn paths(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    let mut path = String::new();
    let mut line = 1;
    for character in code.chars() {
        let continues = character.is_alphanumeric() || character == '_' || character == ':';
        if continues {
            path.push(character);
            continue;
        }
        let prefix = groups.last().map_or("", String::as_str);
        let whole = format!("{prefix}{path}");
        match character {
            // A path that ends in `::` before a brace is the head of a group.
            '{' if path.ends_with("::") => groups.push(whole.clone()),
            '{' => groups.push(String::new()),
            '}' => {
                groups.pop();
            }
            _ => {}
        }
        // The head of a group names nothing by itself; its members do.
        if !path.is_empty() && !path.ends_with("::") {
            found.push((whole, line));
        }
        path.clear();
        if character == '\n' {
            line += 1;
        }
    }
    found
}

/// Whether `path` holds the segments of `needle`, one after the other.
fn contains_path(path: &str, needle: &str) -> bool {
    let segments: Vec<&str> = path.split("::").collect();
    let wanted: Vec<&str> = needle.split("::").collect();
    segments
        .windows(wanted.len())
        .any(|window| window == wanted.as_slice())
}

const IMPURE: [(&str, &str); 13] = [
    ("std::net", "take bytes; addresses are in core::net"),
    ("std::fs", "take the contents as an argument"),
    ("std::process", "leave it to io"),
    ("std::thread", "leave it to io"),
    ("std::env", "take the value as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("SystemTime::now", "take the time as an argument"),
    ("UtcDateTime::now", "take the time as an argument"),
    ("now_utc", "take the time as an argument"),
    ("now_local", "take the time as an argument"),
    ("tokio", "core has no runtime"),
    ("rand", "take random bytes as an argument"),
    ("getrandom", "take random bytes as an argument"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(source: &str) -> Vec<usize> {
        check(&Tree::of(&[("core/x/src/lib.rs", source)]))
            .iter()
            .map(|complaint| complaint.line)
            .collect()
    }

    #[test]
    fn impure_paths_fail() {
        assert_eq!(complaints("use std::net::TcpStream;\n"), [1]);
        assert_eq!(
            complaints("fn a() {\n    let b = std::time::Instant::now();\n}\n"),
            [2]
        );
        assert_eq!(complaints("use tokio::io::AsyncRead;\n"), [1]);
        assert_eq!(
            complaints(
                "fn a() {\n    time::UtcDateTime::now();\n    OffsetDateTime::now_utc();\n}\n"
            ),
            [2, 3]
        );
        assert_eq!(
            complaints("fn a() -> SystemTime { SystemTime::now() }\n"),
            [1]
        );
    }

    #[test]
    fn grouped_imports_fail() {
        assert_eq!(complaints("use std::{collections::BTreeMap, fs};\n"), [1]);
        assert_eq!(
            complaints("use std::{\n    fmt,\n    net::{IpAddr, TcpStream},\n};\n"),
            [3, 3]
        );
    }

    #[test]
    fn pure_code_passes() {
        assert_eq!(
            complaints("use core::net::IpAddr;\nuse std::time::{Duration, Instant};\n"),
            Vec::<usize>::new()
        );
        assert_eq!(
            complaints("// std::net\nconst A: &str = \"std::fs\";\n"),
            Vec::<usize>::new()
        );
        assert_eq!(
            complaints("fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn only_core_has_to_be_pure() {
        let source = "use std::net::TcpStream;\n";
        let files = [
            ("io/x/src/lib.rs", source),
            ("core/x/src/lib.rs", "#[cfg(test)]\nmod tests;\n"),
            ("core/x/src/tests.rs", source),
        ];
        assert_eq!(check(&Tree::of(&files)), []);
    }
}
