//! Opening the file: whose it is, in which version, whether it is whole, and how it is written.
//!
//! A file that is not ours must stay as it is.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::Error;

/// The database, and what tells its names from those of any other.
pub(super) fn file(path: &Path) -> Result<(Connection, String), Error> {
    let failed = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    make_file(path).map_err(failed)?;
    let in_words = |error: rusqlite::Error| explain(&error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags).map_err(in_words)?;
    lock(&database).map_err(in_words)?;
    let is_new = is_new(&database, path)?;
    // From here on it is known to be ours.
    keep_for_owner(path).map_err(failed)?;
    prepare(&database).map_err(in_words)?;
    if is_new {
        make_tables(&database).map_err(in_words)?;
    }
    let found: String = database
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(in_words)?;
    if found != "ok" {
        return Err(Error::Damaged {
            path: path.to_owned(),
            why: found,
        });
    }
    let name = database
        .query_row("SELECT name FROM store", [], |row| row.get(0))
        .map_err(in_words)?;
    database.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok((database, name))
}

/// The lock is for the whole life of the connection: a second relay on the same file would say everything twice.
fn lock(database: &Connection) -> Result<(), rusqlite::Error> {
    database.busy_timeout(BUSY)?;
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    database.execute_batch("BEGIN IMMEDIATE; COMMIT")
}

/// How it is written. That alone changes the file.
fn prepare(database: &Connection) -> Result<(), rusqlite::Error> {
    database.pragma_update(None, "journal_mode", "WAL")?;
    // What was said outside cannot be undone by losing its commit, so a commit is on the disk before it counts.
    database.pragma_update(None, "synchronous", "FULL")?;
    database.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_MAX)?;
    database.pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES)?;
    database.pragma_update(None, "cache_size", CACHE_KIB)?;
    database.pragma_update(None, "foreign_keys", true)
}

/// Whether the file has nothing in it yet; else it is one of ours, in our version.
fn is_new(database: &Connection, path: &Path) -> Result<bool, Error> {
    let in_words = |error: rusqlite::Error| explain(&error, path);
    let number = |name: &str| database.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(in_words)?;
    let found = number("user_version").map_err(in_words)?;
    let tables: i64 = database
        .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(in_words)?;
    match (application, found) {
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(false),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => Err(Error::Newer {
            path: path.to_owned(),
            found,
            known: SCHEMA_VERSION,
        }),
        (0, 0) if tables == 0 => Ok(true),
        _ => Err(Error::Foreign {
            path: path.to_owned(),
        }),
    }
}

/// The tables, all or none. The name is the time of their making, which no earlier file of the same place had.
fn make_tables(database: &Connection) -> Result<(), rusqlite::Error> {
    let made = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros());
    database.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} INSERT INTO store (name) VALUES ('{made:x}');
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    ))
}

fn explain(error: &rusqlite::Error, path: &Path) -> Error {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::InUse { path },
        Some(ErrorCode::NotADatabase) => Error::Foreign { path },
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged {
            path,
            why: error.to_string(),
        },
        _ => Error::of(error),
    }
}

#[cfg(unix)]
fn make_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path).map(|_| ())
}

/// The mode of a new file is only asked for; one that was there keeps its own. `SQLite` gives its journals the same.
#[cfg(unix)]
fn keep_for_owner(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_for_owner(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map(|_| ())
}

const TABLES: &str = "
    CREATE TABLE store (name TEXT NOT NULL) STRICT;
    CREATE TABLE rooms (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        side TEXT NOT NULL,
        room TEXT NOT NULL,
        mark_id TEXT,
        mark_ms INTEGER,
        begun_ms INTEGER,
        forgotten_ms INTEGER,
        behind TEXT,
        UNIQUE (side, room)
    ) STRICT;
    CREATE TABLE known (
        key INTEGER PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
        id TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        UNIQUE (room, id)
    ) STRICT;
    CREATE INDEX known_in_order ON known (room, key);
    CREATE TABLE copies (
        room INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
        id TEXT NOT NULL,
        original INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (room, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX copies_by_original ON copies (original, room, place);
    CREATE TABLE quotes (
        original INTEGER PRIMARY KEY,
        author TEXT NOT NULL,
        start TEXT NOT NULL
    ) STRICT;
    CREATE TABLE own (
        key INTEGER PRIMARY KEY,
        side TEXT NOT NULL,
        user_id TEXT NOT NULL,
        UNIQUE (side, user_id)
    ) STRICT;
    CREATE TABLE targets (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        link TEXT NOT NULL,
        side TEXT NOT NULL,
        room TEXT NOT NULL,
        waiting INTEGER NOT NULL DEFAULT 0,
        delivered INTEGER NOT NULL DEFAULT 0,
        uncertain INTEGER NOT NULL DEFAULT 0,
        UNIQUE (link, side, room)
    ) STRICT;
    CREATE TABLE given_up (
        target INTEGER NOT NULL REFERENCES targets (key) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        messages INTEGER NOT NULL,
        PRIMARY KEY (target, reason)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE messages (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL,
        since_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE deliveries (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        target INTEGER NOT NULL REFERENCES targets (key),
        message INTEGER NOT NULL REFERENCES messages (key),
        pieces TEXT,
        pieces_count INTEGER NOT NULL DEFAULT 0,
        done INTEGER NOT NULL DEFAULT 0,
        tried_ms INTEGER,
        is_under_way INTEGER NOT NULL DEFAULT 0,
        doubts INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX deliveries_in_order ON deliveries (target, key);
    CREATE INDEX deliveries_not_begun ON deliveries (target, key) WHERE pieces IS NULL;
    CREATE INDEX deliveries_by_message ON deliveries (message);
";

/// `TwRe`: what tells our files from those of other programs.
const APPLICATION_ID: i64 = 0x5477_5265;

/// It rises when a reader of the previous version would misread a file.
const SCHEMA_VERSION: i64 = 1;

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_millis(500);

/// What the journal is cut back to.
const JOURNAL_BYTES_MAX: i64 = 1024 * 1024;

/// Pages in the journal after which they are moved to the file.
const JOURNAL_PAGES: i64 = 200;

/// Memory for pages. Negative: in KiB.
const CACHE_KIB: i64 = -512;

/// More than there are statements.
const STATEMENTS_MAX: usize = 64;

#[cfg(test)]
mod tests;
