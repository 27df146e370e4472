//! The cache's folder and its files: private, written as a whole or not at all, and never through a link.
//!
//! It knows nothing of tokens: bytes in, bytes out. It must never widen a permission, and never mend one silently,
//! since whoever could read a file may know its token.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{FOLDER_VARIABLE, TokenError};
use crate::limits::{FILE_BYTES_MAX, FILES_MAX};

mod lock;
mod safe;

pub(crate) use self::lock::Lock;

/// A folder that only its owner can get at.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if need be, and checks it.
    pub(crate) fn open(path: PathBuf) -> Result<Self, TokenError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder
            .create(&path)
            .map_err(TokenError::file("create", &path))?;
        safe::folder(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The content of a file; `None` where there is none.
    pub(crate) fn read(&self, key: &str) -> Result<Option<Vec<u8>>, TokenError> {
        self.content(key, safe::file)
    }

    /// The content of a file whoever else may read it, to find out which one is to be removed.
    pub(crate) fn read_unsafe(&self, key: &str) -> Result<Option<Vec<u8>>, TokenError> {
        self.content(key, |_, _| Ok(()))
    }

    fn content(
        &self,
        key: &str,
        check: impl Fn(&Path, &fs::Metadata) -> Result<(), TokenError>,
    ) -> Result<Option<Vec<u8>>, TokenError> {
        let path = self.file(key);
        let file = match safe::options().read(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(safe::not_opened(&path, error)),
        };
        let failed = || TokenError::file("read", &path);
        // What is checked is the file that was opened, not the one that has its name by now.
        check(&path, &file.metadata().map_err(failed())?)?;
        let mut content = Vec::new();
        let mut bounded = file.take(FILE_BYTES_MAX + 1);
        bounded.read_to_end(&mut content).map_err(failed())?;
        Ok(Some(content))
    }

    /// Replaces a file as a whole. Only the holder of its lock may.
    pub(crate) fn write(&self, key: &str, content: &[u8], _held: &Lock) -> Result<(), TokenError> {
        let path = self.file(key);
        let temporary = self.path.join(format!("{key}.new"));
        let failed = || TokenError::file("write", &path);
        // Left by a process that was killed: with the lock held, nobody writes to it.
        remove(&temporary).map_err(failed())?;
        let mut options = private();
        let written = options
            .write(true)
            .create_new(true)
            .open(&temporary)
            .and_then(|mut file| {
                file.write_all(content)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&temporary, &path));
        if written.is_err() {
            // Best effort: the error that matters is the one above, and the next writer removes it too.
            remove(&temporary).ok();
        }
        written.map_err(failed())?;
        self.sync().map_err(failed())
    }

    /// Removes a file; whether there was one. Only the holder of its lock may.
    pub(crate) fn remove(&self, key: &str, _held: &Lock) -> Result<bool, TokenError> {
        let path = self.file(key);
        remove(&self.path.join(format!("{key}.new"))).map_err(TokenError::file("remove", &path))?;
        remove(&path).map_err(TokenError::file("remove", &path))
    }

    /// The keys of all files, in order; at most [`FILES_MAX`].
    pub(crate) fn keys(&self) -> Result<Vec<String>, TokenError> {
        let failed = || TokenError::file("list", &self.path);
        let mut keys = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            let key = name.to_str().and_then(|name| name.strip_suffix(".json"));
            keys.extend(key.filter(|key| is_key(key)).map(str::to_owned));
            if keys.len() >= FILES_MAX {
                break;
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }

    pub(crate) fn file(&self, key: &str) -> PathBuf {
        self.path.join(format!("{key}.json"))
    }

    /// The rename itself must survive a power cut, too.
    fn sync(&self) -> io::Result<()> {
        if cfg!(unix) {
            File::open(&self.path)?.sync_all()
        } else {
            Ok(())
        }
    }
}

/// The usual folder: `TOWPATH_TOKENS`, else `towpath/tokens` where programs keep their state (XDG base directories).
pub(crate) fn usual(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, TokenError> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    if let Some(named) = path(FOLDER_VARIABLE).filter(|path| !path.as_os_str().is_empty()) {
        return Ok(named);
    }
    let absolute = |name: &str| path(name).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"));
    Ok(state.ok_or(TokenError::NoFolder)?.join("towpath/tokens"))
}

/// Options that create files for their owner only.
fn private() -> OpenOptions {
    let mut options = safe::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Removes a file that may be absent; whether it was there.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_key(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
