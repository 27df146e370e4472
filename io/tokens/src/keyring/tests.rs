//! The keyring by a stand-in for its program: one file for each key, and it notes what it was called with.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::record::tests::source;

/// A program that keeps what it is given in `folder`, as `secret-tool` does in the keyring.
pub(crate) fn standing_in(folder: &Path) -> Keyring {
    let kept = folder.display();
    let script = format!(
        r#"#!/bin/sh
echo "$@" >> {kept}/arguments
for key; do :; done
case "$1" in
store) cat > "{kept}/$key" ;;
lookup) test -e "{kept}/$key" && cat "{kept}/$key" || exit 1 ;;
clear) rm -f "{kept}/$key" ;;
esac
"#
    );
    program(folder, &script)
}

fn program(folder: &Path, script: &str) -> Keyring {
    let path = folder.join("program");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    Keyring::by(path)
}

#[tokio::test]
async fn a_token_is_kept_and_never_stands_in_an_argument() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = standing_in(folder.path());
    assert_eq!(keyring.lookup("abc").await.unwrap(), None);
    keyring.store("abc", &source(), "s3cret").await.unwrap();
    assert_eq!(
        keyring.lookup("abc").await.unwrap().as_deref(),
        Some("s3cret")
    );
    keyring.clear("abc").await.unwrap();
    assert_eq!(keyring.lookup("abc").await.unwrap(), None);
    let arguments = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(arguments.contains("store --label=Towpath: localStorage key `token`"));
    assert!(!arguments.contains("s3cret"), "{arguments}");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Keyring::by("towpath-no-such-program");
    let told = missing.lookup("abc").await.unwrap_err().to_string();
    assert!(told.contains("libsecret-tools"), "{told}");
    let complaining = program(
        folder.path(),
        "#!/bin/sh\necho 'Cannot autolaunch D-Bus without X11' >&2\nexit 1\n",
    );
    let told = complaining.lookup("abc").await.unwrap_err().to_string();
    assert!(told.contains("Cannot autolaunch"), "{told}");
}

#[tokio::test]
async fn a_keyring_that_stays_locked_is_not_waited_for_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut keyring = program(folder.path(), "#!/bin/sh\nexec sleep 60\n");
    keyring.limit = Duration::from_millis(200);
    let told = keyring.lookup("abc").await.unwrap_err().to_string();
    assert!(told.contains("unlock it"), "{told}");
}
