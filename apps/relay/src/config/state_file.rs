//! Where the relay keeps what is not yet said, unless the configuration names a file.

use std::ffi::OsString;
use std::path::PathBuf;

/// The usual file: in the folder that systemd made for the service, else where programs keep their state (XDG base directories).
pub(super) fn usual(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| {
        // systemd may name several folders, parted by colons; the first is meant.
        let value = variable(name)?;
        let first = value.to_str()?.split(':').next()?.to_owned();
        Some(PathBuf::from(first)).filter(|path| path.is_absolute())
    };
    if let Some(folder) = absolute("STATE_DIRECTORY") {
        return Some(folder.join(NAME));
    }
    let folder = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .or_else(|| variable("LOCALAPPDATA").map(PathBuf::from))?;
    Some(folder.join("towpath").join(NAME))
}

const NAME: &str = "relay.sqlite";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_manager_comes_first() {
        for (set, expected) in [
            (
                &[("STATE_DIRECTORY", "/var/lib/towpath"), ("HOME", "/root")][..],
                Some("/var/lib/towpath/relay.sqlite"),
            ),
            (
                &[("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")],
                Some("/var/lib/a/relay.sqlite"),
            ),
            (
                &[("XDG_STATE_HOME", "/s"), ("HOME", "/h")],
                Some("/s/towpath/relay.sqlite"),
            ),
            (
                &[("XDG_STATE_HOME", "s"), ("HOME", "/h")],
                Some("/h/.local/state/towpath/relay.sqlite"),
            ),
            (&[], None),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(usual(variable), expected.map(PathBuf::from), "{set:?}");
        }
    }
}
