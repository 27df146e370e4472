//! Opening a store: whose file it is, in which version, and how it is written.
//!
//! A file that is not ours must stay as it is.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::Store;
use super::room::Bounds;
use crate::error::StoreError;

pub(super) fn memory(bounds: Bounds) -> Result<Store, StoreError> {
    let database = Connection::open_in_memory()?;
    make(&database)?;
    finish(database, bounds)
}

pub(super) fn file(path: &Path, bounds: Bounds) -> Result<Store, StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    owner_only(&mut options);
    let is_new = options
        .open(path)
        .and_then(|file| file.metadata())
        .map_err(failed)?
        .len()
        == 0;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags)?;
    database.busy_timeout(BUSY)?;
    if is_new {
        make(&database)?;
    } else {
        check(&database, path)?;
    }
    restrict(path).map_err(failed)?;
    // Readers and the writer do not stop each other, and what was committed survives a kill.
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "NORMAL")?;
    database.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_MAX)?;
    finish(database, bounds)
}

/// Whether the file is ours, and of a version that is understood.
fn check(database: &Connection, path: &Path) -> Result<(), StoreError> {
    let path = || path.to_owned();
    let number = |name: &str| database.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let Ok(application) = number("application_id") else {
        return Err(StoreError::Foreign { path: path() });
    };
    let found = number("user_version")?;
    let tables: i64 =
        database.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, found) {
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(()),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => Err(StoreError::Newer {
            path: path(),
            found,
            known: SCHEMA_VERSION,
        }),
        // Killed between making the file and its tables.
        (0, 0) if tables == 0 => make(database).map_err(StoreError::from),
        _ => Err(StoreError::Foreign { path: path() }),
    }
}

/// The tables, all or none.
fn make(database: &Connection) -> Result<(), rusqlite::Error> {
    // Only a file without tables takes this; with it, what is deleted can be given back.
    database.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    database.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES}
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    ))
}

fn finish(database: Connection, bounds: Bounds) -> Result<Store, StoreError> {
    database.pragma_update(None, "foreign_keys", true)?;
    database.pragma_update(None, "temp_store", "MEMORY")?;
    database.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let mut store = Store { database, bounds };
    store.take_bounds()?;
    Ok(store)
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owner_only(_: &mut OpenOptions) {}

/// The mode of a new file is only asked for; a file that was there keeps its own. `SQLite` gives its journals the same.
#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> std::io::Result<()> {
    Ok(())
}

const TABLES: &str = "
    CREATE TABLE cases (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL,
        network TEXT NOT NULL,
        user TEXT NOT NULL,
        clients INTEGER NOT NULL,
        browser TEXT NOT NULL,
        host TEXT NOT NULL,
        path TEXT NOT NULL,
        transport TEXT NOT NULL,
        from_page INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        proven INTEGER NOT NULL,
        observations TEXT NOT NULL,
        diagnosis TEXT NOT NULL
    ) STRICT;
    CREATE INDEX cases_by_time ON cases (updated_ms);
    CREATE INDEX cases_by_worth ON cases (proven, updated_ms);
    CREATE INDEX cases_by_network ON cases (network, updated_ms);
    CREATE TABLE findings (
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        rank INTEGER NOT NULL,
        cause TEXT NOT NULL,
        confidence TEXT NOT NULL,
        PRIMARY KEY (case_id, rank)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX findings_by_cause ON findings (cause);
    CREATE TABLE tallies (
        minute_s INTEGER NOT NULL,
        transport TEXT NOT NULL,
        used INTEGER NOT NULL,
        first INTEGER NOT NULL,
        fallback INTEGER NOT NULL,
        cut INTEGER NOT NULL,
        open INTEGER NOT NULL,
        PRIMARY KEY (minute_s, transport)
    ) STRICT, WITHOUT ROWID;
";

/// `TwPa`: what tells our files from those of other programs.
const APPLICATION_ID: i64 = 0x5477_5061;

/// It rises when a reader of the previous version would misread a file.
const SCHEMA_VERSION: i64 = 1;

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(2);

/// What the journal is cut back to.
const JOURNAL_BYTES_MAX: i64 = 1024 * 1024;

/// More than there are statements.
const STATEMENTS_MAX: usize = 32;

#[cfg(test)]
mod tests;
