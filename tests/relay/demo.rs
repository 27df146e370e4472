//! The relay's demo as a user starts it: every line arrives once, also what was said while the relay was dead, and nothing is left over.

use std::process::{Command, Stdio};

use towpath_tests::support::{Folder, check};

#[test]
fn the_demo_shows_every_line_once() {
    let folder = Folder::new();
    let output = Command::new(check::binary())
        .args(["demo", "--relay", "--headless"])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}\n{errors}");
    assert!(
        shown.contains("All 8 lines arrived, once each and in order."),
        "{shown}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it is there")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
