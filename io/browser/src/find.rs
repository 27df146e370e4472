//! Where a Chromium lives on this machine.
//!
//! Looks at names and files only; never starts a program to ask it anything.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::BrowserError;

/// Environment variable that names the browser's program and overrides the search.
pub const BROWSER_VARIABLE: &str = "TOWPATH_BROWSER";

/// Finds a Chromium, Chrome, Edge or headless shell.
///
/// `TOWPATH_BROWSER` decides if it is set, even when it names something missing: a wrong setting is reported, not
/// worked around. Otherwise the first of the usual names on `PATH`, then of the usual places. Complete browsers come
/// before the headless shell, because their handshake is closer to the one a person's browser makes (for example they
/// send `Accept-Language`).
pub fn find() -> Result<PathBuf, BrowserError> {
    find_in(env::var_os(BROWSER_VARIABLE), env::var_os("PATH"))
}

fn find_in(setting: Option<OsString>, path: Option<OsString>) -> Result<PathBuf, BrowserError> {
    find_among(&[NAMES, HEADLESS_SHELLS], setting, path)
}

/// As [`find()`], but the headless shell comes first: it starts in half the time and takes less memory.
pub(crate) fn find_for_carrying() -> Result<PathBuf, BrowserError> {
    find_among(
        &[HEADLESS_SHELLS, NAMES],
        env::var_os(BROWSER_VARIABLE),
        env::var_os("PATH"),
    )
}

/// Whether the program is the headless shell, which is always headless and a little different on the wire.
pub(crate) fn is_headless_shell(program: &Path) -> bool {
    program
        .file_name()
        .is_some_and(|name| name.to_string_lossy().contains("headless"))
}

fn find_among(
    names: &[&[&str]],
    setting: Option<OsString>,
    path: Option<OsString>,
) -> Result<PathBuf, BrowserError> {
    let directories: Vec<PathBuf> = path
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    if let Some(setting) = setting.filter(|setting| !setting.is_empty()) {
        let named = PathBuf::from(&setting);
        let found = if named.components().count() > 1 {
            is_program(&named).then(|| named.clone())
        } else {
            on_path(&directories, &named)
        };
        return found.ok_or_else(|| BrowserError::NotFound {
            what: format!(
                "the browser {} that {BROWSER_VARIABLE} names",
                named.display()
            ),
            how_to_get: format!(
                "set {BROWSER_VARIABLE} to the program of a Chromium or Chrome, or unset it"
            ),
        });
    }
    names
        .iter()
        .copied()
        .flatten()
        .find_map(|name| on_path(&directories, Path::new(name)))
        .or_else(|| {
            PLACES
                .iter()
                .map(PathBuf::from)
                .find(|place| is_program(place))
        })
        .ok_or_else(|| BrowserError::NotFound {
            what: "a Chromium".to_owned(),
            how_to_get: HOW_TO_GET.to_owned(),
        })
}

fn on_path(directories: &[PathBuf], name: &Path) -> Option<PathBuf> {
    directories
        .iter()
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
}

#[cfg(unix)]
fn is_program(candidate: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    candidate
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(candidate: &Path) -> bool {
    candidate.is_file()
}

const NAMES: &[&str] = &[
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
    "brave-browser",
];

const HEADLESS_SHELLS: &[&str] = &[
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
];

const PLACES: &[&str] = &[
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

const HOW_TO_GET: &str = "install one (Debian, Ubuntu: `apt-get install chromium`; Fedora: `dnf install chromium`; \
                          Alpine: `apk add chromium`; macOS: `brew install --cask chromium`) or set TOWPATH_BROWSER \
                          to its program";

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::profile::Profile;

    fn directory_with(name: &str, mode: u32) -> (Profile, OsString) {
        let directory = Profile::create().expect("temporary directory");
        let program = directory.path().join(name);
        fs::write(&program, "#!/bin/sh\n").expect("write");
        fs::set_permissions(&program, fs::Permissions::from_mode(mode)).expect("mode");
        let path = directory.path().as_os_str().to_owned();
        (directory, path)
    }

    #[test]
    fn a_name_on_the_path_is_found() {
        let (directory, path) = directory_with("google-chrome", 0o755);
        let found = find_in(None, Some(path)).expect("found");
        assert_eq!(found, directory.path().join("google-chrome"));
    }

    #[test]
    fn a_file_without_the_execute_bit_is_not_a_program() {
        let (directory, path) = directory_with("google-chrome", 0o644);
        let found = find_in(None, Some(path));
        assert_ne!(found.ok(), Some(directory.path().join("google-chrome")));
    }

    #[test]
    fn a_wrong_setting_is_reported_and_not_worked_around() {
        let (_directory, path) = directory_with("google-chrome", 0o755);
        let error = find_in(Some("/nowhere/chromium".into()), Some(path))
            .expect_err("the setting is wrong");
        assert!(error.to_string().contains("/nowhere/chromium"), "{error}");
        assert!(error.to_string().contains(BROWSER_VARIABLE), "{error}");
    }

    #[test]
    fn a_setting_without_a_slash_is_looked_up_on_the_path() {
        let (directory, path) = directory_with("my-browser", 0o755);
        let found = find_in(Some("my-browser".into()), Some(path)).expect("found");
        assert_eq!(found, directory.path().join("my-browser"));
    }

    #[test]
    fn for_carrying_the_headless_shell_comes_first() {
        let (directory, path) = directory_with("chromium", 0o755);
        let shell = directory.path().join("chromium-headless-shell");
        fs::write(&shell, "#!/bin/sh\n").expect("write");
        fs::set_permissions(&shell, fs::Permissions::from_mode(0o755)).expect("mode");
        let carrying = find_among(&[HEADLESS_SHELLS, NAMES], None, Some(path.clone()));
        assert_eq!(carrying.expect("found"), shell);
        let full = find_in(None, Some(path)).expect("found");
        assert_eq!(full, directory.path().join("chromium"));
    }

    #[test]
    fn the_headless_shell_is_told_apart() {
        assert!(is_headless_shell(Path::new(
            "/usr/bin/chromium-headless-shell"
        )));
        assert!(!is_headless_shell(Path::new("/usr/bin/chromium")));
    }
}
