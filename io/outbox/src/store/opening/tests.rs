//! Every file that a path can lead to.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("relay.sqlite");
    (folder, path)
}

#[test]
fn a_file_belongs_to_one_process_and_to_its_owner() {
    let (_folder, path) = place();
    let first = file(&path).expect("made");
    let second = file(&path);
    assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
    drop(first);
    let (_, name) = file(&path).expect("free again");
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_hexdigit()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_file_of_another_program_stays_as_it_is() {
    let (_folder, path) = place();
    std::fs::write(
        &path,
        "a letter to a friend, long enough to be one".repeat(50),
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    let found = file(&path);
    assert!(matches!(found, Err(Error::Foreign { .. })), "{found:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let (_folder, path) = place();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions();
    let mode_before = mode();
    let found = file(&path);
    assert!(matches!(found, Err(Error::Foreign { .. })), "{found:?}");
    assert!(std::fs::read(&path).unwrap() == before, "it was written to");
    assert_eq!(mode(), mode_before);
}

#[cfg(unix)]
#[test]
fn a_file_of_ours_that_others_could_read_is_for_its_owner_alone_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = place();
    drop(file(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(file(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_later_version_is_refused_in_words() {
    let (_folder, path) = place();
    let (database, _) = file(&path).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let error = file(&path).expect_err("it is newer");
    assert!(
        error
            .to_string()
            .contains("schema 99, this program knows 1"),
        "{error}"
    );
}

#[test]
fn a_damaged_file_is_found_before_it_is_used() {
    let (_folder, path) = place();
    let (database, _) = file(&path).unwrap();
    database.execute_batch("BEGIN").unwrap();
    for number in 0..2_000 {
        database
            .execute(
                "INSERT INTO messages (body, since_ms) VALUES (?1, 0)",
                [format!("message {number}")],
            )
            .unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    drop(database);
    let mut damaged = OpenOptions::new().write(true).open(&path).unwrap();
    let length = damaged.metadata().unwrap().len();
    damaged.seek(SeekFrom::Start(length / 2)).unwrap();
    damaged.write_all(&[0xff; 8192]).unwrap();
    drop(damaged);
    let error = file(&path).expect_err("it is damaged");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("move the file"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (folder, _) = place();
    let path = folder.path().join("missing").join("relay.sqlite");
    let error = file(&path).expect_err("no folder");
    assert!(error.to_string().contains("missing"), "{error}");
}
