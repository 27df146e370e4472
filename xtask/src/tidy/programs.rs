//! Every program that the code or a test starts is one that `cargo xtask test` installs.
//!
//! Without this, a test passes on the machine where somebody installed its program by hand, and nowhere else.

use super::tree::{Complaint, File, Tree};
use crate::install;

/// Complains about each `Command::new("...")` whose program is not listed in `xtask/src/install/needs.rs`.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.ending(".rs")
        .filter(|file| !file.path.starts_with("xtask/"))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &File) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for program in started(line) {
            if !ALWAYS_THERE.contains(&program)
                && !install::programs().any(|known| known == program)
            {
                let message = format!(
                    "starts `{program}`, which xtask/src/install/needs.rs does not install"
                );
                found.push(Complaint::new(&file.path, index + 1, message));
            }
        }
    }
    found
}

/// The literal programs of one line.
fn started(line: &str) -> impl Iterator<Item = &str> {
    line.split("Command::new(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(program, _)| program)
}

/// On every Debian, or there wherever the tests can be built.
const ALWAYS_THERE: [&str; 5] = ["/usr/bin/python3", "cargo", "chmod", "sh", "true"];

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(source: &str) -> usize {
        check(&Tree::of(&[("tests/real/a.rs", source)])).len()
    }

    #[test]
    fn programs_that_nobody_installs_fail() {
        assert_eq!(complaints("let a = Command::new(\"no-such-proxy\");\n"), 1);
        assert_eq!(
            complaints("let a = std::process::Command::new(\"/opt/no-such-proxy\").arg(\"b\");\n"),
            1
        );
    }

    #[test]
    fn programs_that_are_installed_pass() {
        assert_eq!(
            complaints("let a = Command::new(\"nginx\");\nlet b = Command::new(\"sh\");\n"),
            0
        );
        assert_eq!(complaints("let a = Command::new(program);\n"), 0);
    }
}
