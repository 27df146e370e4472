//! The folder by itself.

use super::*;

fn variables(set: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    move |name| {
        let found = set.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    }
}

#[test]
fn the_usual_folder_follows_the_environment() {
    let usual = |set| usual(variables(set));
    for (set, expected) in [
        (
            &[("TOWPATH_TOKENS", "here"), ("HOME", "/home/mary")][..],
            "here",
        ),
        (
            &[("XDG_STATE_HOME", "/state"), ("HOME", "/home/mary")],
            "/state/towpath/tokens",
        ),
        (
            &[("XDG_STATE_HOME", "relative"), ("HOME", "/home/mary")],
            "/home/mary/.local/state/towpath/tokens",
        ),
    ] {
        assert_eq!(usual(set).unwrap(), PathBuf::from(expected));
    }
    assert!(matches!(usual(&[]), Err(TokenError::NoFolder)));
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_can_look_into_is_refused_with_the_fix() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("tokens");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let error = Folder::open(path).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[test]
fn a_lock_is_exclusive_until_it_is_dropped() {
    let outer = tempfile::tempdir().unwrap();
    let folder = Folder::open(outer.path().join("a/b")).unwrap();
    let lock = folder.lock("abc").unwrap().expect("free");
    assert!(folder.lock("abc").unwrap().is_none());
    assert!(folder.lock("ab12").unwrap().is_some());
    drop(lock);
    assert!(folder.lock("abc").unwrap().is_some());
}

#[test]
fn only_one_of_many_threads_holds_a_lock_although_its_file_comes_and_goes() {
    let outer = tempfile::tempdir().unwrap();
    let folder = Folder::open(outer.path().join("tokens")).unwrap();
    let inside = std::sync::atomic::AtomicUsize::new(0);
    let most = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut taken = 0;
                while taken < 50 {
                    let Some(lock) = folder.lock("abc").unwrap() else {
                        std::thread::yield_now();
                        continue;
                    };
                    let now = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                    most.fetch_max(now, std::sync::atomic::Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(lock);
                    taken += 1;
                }
            });
        }
    });
    assert_eq!(most.into_inner(), 1);
}

#[test]
fn other_files_are_not_listed() {
    let outer = tempfile::tempdir().unwrap();
    let folder = Folder::open(outer.path().join("tokens")).unwrap();
    for name in ["abc.json", "abc.lock", "abc.new", "notes.txt", "x y.json"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    assert_eq!(folder.keys().unwrap(), ["abc"]);
}
