use std::fs;
use std::path::PathBuf;

use towpath_diagnosis::diagnose;

use super::*;
use crate::case::{Case, CaseKind, Tally};

const BOUNDS: Bounds = Bounds {
    days: 30,
    megabytes: 1,
};

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.sqlite");
    (folder, path)
}

fn case(number: u64, padding: usize) -> Case {
    Case {
        code: format!("c{number}"),
        kind: CaseKind::Session,
        started_unix_ms: number,
        updated_unix_ms: number,
        network: "192.0.2.0/24".to_owned(),
        user: "u".to_owned(),
        browser: "x".repeat(padding),
        host: "h".to_owned(),
        path: "/".to_owned(),
        transport: "poll".to_owned(),
        from_page: false,
        observations: Vec::new(),
        diagnosis: diagnose(&[]),
    }
}

#[test]
fn what_was_kept_is_there_again_and_only_for_its_owner() {
    let (_folder, path) = place();
    let mut store = Store::open(&path, BOUNDS).unwrap();
    let _none = store.put(&case(1, 10)).unwrap();
    let _none = store
        .tally(
            60,
            "poll",
            Tally {
                used: 1,
                ..Tally::default()
            },
        )
        .unwrap();
    #[cfg(unix)]
    for name in ["reports.sqlite", "reports.sqlite-wal"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path.with_file_name(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(store);
    let store = Store::open(&path, BOUNDS).unwrap();
    assert_eq!(store.count().unwrap(), 1);
    assert_eq!(store.transports(0, 60).unwrap().len(), 1);
}

#[test]
fn other_files_are_left_alone_and_named() {
    let (_folder, path) = place();
    let text = b"these are no reports, and longer than the heading of a file of SQLite would be. "
        .repeat(20);
    fs::write(&path, &text).unwrap();
    assert!(matches!(
        Store::open(&path, BOUNDS),
        Err(StoreError::Foreign { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), text);

    fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (1);")
        .unwrap();
    drop(other);
    let error = Store::open(&path, BOUNDS).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }));
    assert!(error.to_string().contains("reports.sqlite"), "{error}");
}

#[test]
fn a_later_version_is_told_from_another_program() {
    let (_folder, path) = place();
    drop(Store::open(&path, BOUNDS).unwrap());
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    drop(file);
    let error = Store::open(&path, BOUNDS).unwrap_err();
    assert!(matches!(error, StoreError::Newer { .. }), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (folder, _) = place();
    let path = folder.path().join("missing").join("reports.sqlite");
    assert!(matches!(
        Store::open(&path, BOUNDS),
        Err(StoreError::File { .. })
    ));
}

#[test]
fn what_was_committed_survives_a_kill() {
    let (folder, path) = place();
    let mut store = Store::open(&path, BOUNDS).unwrap();
    for number in 0..20 {
        let _none = store.put(&case(number, 100)).unwrap();
    }
    // A kill leaves both files as they are at some moment; so does a copy while the store is open.
    let copy = folder.path().join("killed.sqlite");
    fs::copy(&path, &copy).unwrap();
    let journal = path.with_file_name("reports.sqlite-wal");
    let bytes = fs::read(journal).unwrap();
    assert!(bytes.len() > 4096, "all of it is in the journal");
    let torn = &bytes[..bytes.len() - 100];
    fs::write(copy.with_file_name("killed.sqlite-wal"), torn).unwrap();
    let again = Store::open(&copy, BOUNDS).unwrap();
    assert_eq!(again.count().unwrap(), 19, "only the torn one is lost");
}

#[test]
fn a_full_store_drops_the_oldest_and_never_grows_beyond_its_bound() {
    let (_folder, path) = place();
    let mut store = Store::open(&path, BOUNDS).unwrap();
    let mut dropped = 0;
    for number in 0..400 {
        dropped += store.put(&case(number, 9_000)).unwrap().by_size;
        assert!(store.bytes().unwrap() <= 1024 * 1024);
    }
    assert!(dropped > 200, "{dropped}");
    assert_eq!(store.count().unwrap(), 400 - dropped);
    assert!(store.case("c399").unwrap().is_some());
    assert!(store.case("c0").unwrap().is_none());
    let _by_age = store.prune(31 * 24 * 3_600_000).unwrap();
    assert_eq!(store.count().unwrap(), 0);
    let length = fs::metadata(&path).unwrap().len();
    assert!(length < 200_000, "the file shrinks: {length}");
}

#[test]
fn what_anybody_could_have_sent_goes_first() {
    let mut store = Store::memory(BOUNDS).unwrap();
    for number in 0..40 {
        let _none = store.put(&case(number, 9_000)).unwrap();
    }
    for number in 1_000..1_400 {
        let _dropped = store.put_unproven(&case(number, 9_000)).unwrap();
    }
    for number in 0..40 {
        assert!(
            store.case(&format!("c{number}")).unwrap().is_some(),
            "{number}"
        );
    }
    assert!(store.case("c1399").unwrap().is_some());
}

#[test]
fn a_smaller_setting_cuts_a_larger_file_back() {
    let (_folder, path) = place();
    let mut store = Store::open(
        &path,
        Bounds {
            days: 30,
            megabytes: 8,
        },
    )
    .unwrap();
    for number in 0..400 {
        let _none = store.put(&case(number, 9_000)).unwrap();
    }
    assert!(store.bytes().unwrap() > 3 * 1024 * 1024);
    drop(store);
    let store = Store::open(&path, BOUNDS).unwrap();
    assert!(store.bytes().unwrap() <= 1024 * 1024);
    assert!(store.case("c399").unwrap().is_some());
}

#[test]
fn counts_alone_stay_within_the_bound_too() {
    let mut store = Store::memory(BOUNDS).unwrap();
    for minute in 0..60_000 {
        let _none = store
            .tally(
                minute * 60,
                "websocket",
                Tally {
                    used: 1,
                    ..Tally::default()
                },
            )
            .unwrap();
    }
    assert!(store.bytes().unwrap() <= 1024 * 1024);
    assert!(!store.transports(59_999 * 60_000, 60).unwrap().is_empty());
}
