//! A temporary folder of one test, gone when the test is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed with all it holds when this is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A new, empty folder. Everybody may read and write in it, because some servers give up root.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("towpath-test-{}-{number}", process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777))
            .expect("the folder was just made by this process");
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it and says where that is.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the temporary folder is writable");
        }
        fs::write(&path, text).expect("the temporary folder is writable");
        path
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A server that is just ending may still write, so that a failure here is no failure of the test.
        let _ = fs::remove_dir_all(&self.path);
    }
}
