//! `towpath token` as a whole, as far as no browser is needed: usage, files, exit status.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const PAGE: &str = "https://app.example/room";

/// A home of its own for each test.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a folder"))
    }

    /// Runs `towpath token` with a browser that is none.
    fn ran(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_towpath"))
            .arg("token")
            .args(words)
            .env("NO_COLOR", "1")
            .env("TOWPATH_TOKENS", self.folder())
            .env("TOWPATH_BROWSER", "/nonexistent/browser")
            .output()
            .expect("the binary was built for this test")
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("tokens")
    }

    /// Puts a token into the cache, as an earlier run would have.
    fn keep(&self, name: &str, origin: &str, token: &str) -> std::path::PathBuf {
        self.ran(&["list"]);
        let file = self.folder().join(format!("{name}.json"));
        let record = serde_json::json!({
            "version": 1,
            "origin": origin,
            "page": format!("{origin}/"),
            "place": { "kind": "cookie", "name": "session" },
            "account": null,
            "kept": { "read_unix_ms": 1_700_000_000_000_u64, "life": { "unknown": "not_readable" }, "token": token },
            "trouble": null,
        });
        fs::write(&file, record.to_string()).expect("the folder was made by the first run");
        private(&file, 0o600);
        file
    }
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) {}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// Runs and expects this exit status, and these words on standard error.
fn check(home: &Home, words: &[&str], status: i32, says: &str) {
    let output = home.ran(words);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{words:?}: {told}");
    assert!(told.contains(says), "{words:?}: {told}");
    assert!(!told.contains("panicked"), "{told}");
    assert!(output.stdout.is_empty(), "{words:?}");
}

#[test]
fn what_cannot_be_used_leaves_with_2_and_names_the_fix() {
    let home = Home::new();
    check(&home, &["get", PAGE], 2, "--storage-key");
    check(
        &home,
        &["get", "app.example", "--cookie", "a"],
        2,
        "https://",
    );
    check(
        &home,
        &["get", "wss://app.example/", "--cookie", "a"],
        2,
        "https://",
    );
    check(&home, &["get", "--cookie", "a"], 2, "PAGE");
    check(
        &home,
        &["get", PAGE, "--cookie", "a", "--storage-key", "b"],
        2,
        "cannot be used with",
    );
    check(
        &home,
        &["get", PAGE, "--cookie", "a", "--pointer", "/b"],
        2,
        "cannot be used with",
    );
    check(
        &home,
        &["get", PAGE, "--storage-key", "a", "--pointer", "b"],
        2,
        "JSON pointer",
    );
    check(
        &home,
        &["get", PAGE, "--cookie", "a", "--wait", "0"],
        2,
        "--wait",
    );
    check(
        &home,
        &["get", PAGE, "--cookie", "a", "--proxy", "ftp://x"],
        2,
        "--proxy",
    );
    check(
        &home,
        &["get", PAGE, "--cookie", "a", "--cacert", "/nonexistent"],
        2,
        "/nonexistent",
    );
    check(&home, &["forget"], 2, "PAGE");
    check(&home, &["forget", "--all", PAGE], 2, "cannot be used with");
}

#[test]
fn without_a_browser_nothing_can_be_told() {
    let home = Home::new();
    check(
        &home,
        &["get", PAGE, "--connection-init"],
        3,
        "/nonexistent/browser",
    );
    // An address is no pointer.
    check(
        &home,
        &["get", "--connection-init", PAGE, "--fresh"],
        3,
        "/nonexistent/browser",
    );
    check(&home, &["get", PAGE, "--connection-init"], 1, "--fresh");
}

#[test]
fn tokens_are_listed_without_themselves_and_forgotten_by_origin() {
    let home = Home::new();
    check(&home, &["list"], 0, "there are no tokens");
    home.keep("aa", "https://app.example", "s3cret");
    home.keep("bb", "https://other.example", "s3cret");
    for words in [&["list"][..], &["list", "--json"]] {
        let listed = home.ran(words);
        assert_eq!(listed.status.code(), Some(0));
        let listed = text(&listed.stdout);
        assert!(
            listed.contains("https://app.example") && listed.contains("session"),
            "{listed}"
        );
        assert!(!listed.contains("s3cret"), "{listed}");
    }
    check(
        &home,
        &["forget", "https://none.example/"],
        0,
        "nothing to forget",
    );
    check(&home, &["forget", PAGE], 0, "forgot 1 ");
    check(&home, &["forget", "--all"], 0, "forgot 1 ");
    check(&home, &["list"], 0, "there are no tokens");
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_refused_with_the_fix() {
    let home = Home::new();
    let file = home.keep("aa", "https://app.example", "s3cret");
    private(&file, 0o644);
    check(&home, &["list"], 2, "chmod 600");
    private(&home.folder(), 0o755);
    check(&home, &["list"], 2, "chmod 700");
    check(&home, &["get", PAGE, "--cookie", "session"], 2, "chmod 700");
}

#[test]
fn the_help_has_every_flag() {
    let home = Home::new();
    let help = text(&home.ran(&["get", "--help"]).stdout);
    for flag in [
        "--storage-key",
        "--session-key",
        "--cookie",
        "--connection-init",
        "--pointer",
        "--account",
        "--fresh",
        "--wait",
        "--keyring",
        "--browser-attach",
        "--proxy",
        "--proxy-user",
        "--cacert",
        "--resolve",
        "--json",
        "--folder",
    ] {
        assert!(help.contains(flag), "{flag} is not in the help");
    }
}
