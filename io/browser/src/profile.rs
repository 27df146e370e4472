//! The temporary directory of one browser run: profile, network log, trust database.
//!
//! It may hold cookies and recorded traffic, so it is readable by its owner only and removed when dropped. A lock inside
//! says that its run is alive; what a killed run left is removed by the next one (`abandoned`).

mod abandoned;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs, process, thread};

use crate::error::BrowserError;

pub(crate) use self::abandoned::remove_abandoned;

/// A directory that goes away with its value.
#[derive(Debug)]
pub(crate) struct Profile {
    path: PathBuf,
    /// Locked as long as this process lives, however it ends.
    _lock: File,
}

impl Profile {
    pub(crate) fn create() -> Result<Self, BrowserError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        for _ in 0..NAME_ATTEMPTS_MAX {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{NAME_PREFIX}{}-{number}", process::id());
            let path = env::temp_dir().join(name);
            match create_private(&path) {
                Ok(()) => {
                    return match take_lock(&path) {
                        Ok(lock) => Ok(Self { path, _lock: lock }),
                        Err(error) => {
                            remove(&path);
                            Err(BrowserError::io(format!("locking {}", path.display()))(
                                error,
                            ))
                        }
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(BrowserError::io(format!("creating {}", path.display()))(
                        error,
                    ));
                }
            }
        }
        Err(BrowserError::io("creating a temporary directory")(
            io::ErrorKind::AlreadyExists.into(),
        ))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A directory below this one, private too.
    pub(crate) fn subdirectory(&self, name: &str) -> Result<PathBuf, BrowserError> {
        let path = self.path.join(name);
        create_private(&path).map_err(BrowserError::io(format!("creating {}", path.display())))?;
        Ok(path)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes a directory with all it holds, as far as it can.
fn remove(path: &Path) {
    // A dying browser may still write for a moment, which makes the removal of a directory fail.
    for _ in 0..REMOVE_ATTEMPTS_MAX {
        match fs::remove_dir_all(path) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(_) => thread::sleep(REMOVE_PAUSE),
        }
    }
}

/// Makes the lock and takes it before it has its name, so that nobody ever finds it free while its run is alive.
fn take_lock(directory: &Path) -> io::Result<File> {
    let unnamed = directory.join("lock.new");
    let lock = File::create_new(&unnamed)?;
    lock.try_lock().map_err(io::Error::from)?;
    fs::rename(unnamed, directory.join(LOCK_NAME))?;
    Ok(lock)
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

const NAME_PREFIX: &str = "towpath-browser-";
const LOCK_NAME: &str = "lock";
const NAME_ATTEMPTS_MAX: u32 = 1_000;
const REMOVE_ATTEMPTS_MAX: u32 = 25;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_private_and_goes_away_with_its_content() {
        let profile = Profile::create().expect("create");
        let path = profile.path().to_owned();
        fs::write(
            profile.subdirectory("inner").expect("inner").join("file"),
            "x",
        )
        .expect("write");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        drop(profile);
        assert!(!path.exists());
    }

    #[test]
    fn two_directories_never_meet() {
        let first = Profile::create().expect("first");
        let second = Profile::create().expect("second");
        assert_ne!(first.path(), second.path());
    }
}
