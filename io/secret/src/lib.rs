//! A secret that callers have to show: read from its file, or made there for its owner alone.
//!
//! It must never appear in a log, an error or a URL, and is compared in constant time.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The secret.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

/// What becomes of a file that others can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// It is refused where everybody can read it or another user owns it: such a secret keeps nobody out. Group access
    /// and files of the superuser are let pass, since mounted secrets have them.
    Refused,
    /// It is used with a warning, since containers mount secrets for everybody inside.
    Warned,
}

impl Secret {
    /// The secret in a file. The file is made, with 256 fresh bits and for its owner alone, if it is not there.
    ///
    /// Fails where the file cannot be read or made, is no plain file, has readers that are refused, or holds fewer than 20
    /// or more than 1,024 bytes.
    pub fn of_file(path: &Path, readers: Readers) -> io::Result<Self> {
        match Self::read(path, readers) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                Self::read(path, readers)
            }
            read => read,
        }
    }

    /// A secret that somebody else chose: at least 20 bytes without the space around it.
    pub fn of_text(text: &str) -> io::Result<Self> {
        let secret = text.trim();
        if secret.len() < BYTES_MIN {
            return Err(io::Error::other(format!(
                "a token of at least {BYTES_MIN} characters is needed; remove the file to have one made"
            )));
        }
        Ok(Self(secret.as_bytes().into()))
    }

    fn read(path: &Path, readers: Readers) -> io::Result<Self> {
        Self::of_text(&read(path, readers)?)
    }

    /// The bytes, for a caller that has further wishes of them.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the secret. It takes as long whatever is wrong with what was offered.
    pub fn is(&self, offered: &[u8]) -> bool {
        let mut difference = self.0.len() ^ offered.len();
        for (at, byte) in self.0.iter().enumerate() {
            let other = offered.get(at).copied().unwrap_or_default();
            difference = black_box(difference | usize::from(byte ^ other));
        }
        difference == 0
    }
}

/// The text of a file that holds a secret which somebody else chose, such as a password; it may be short.
///
/// Fails where the file cannot be read, is no plain file, has readers that are refused, or holds more than 1,024 bytes.
pub fn read(path: &Path, readers: Readers) -> io::Result<String> {
    // Opening a pipe would wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let file = File::open(path).map_err(explain)?;
    judge(path, &file, readers)?;
    let mut text = String::new();
    let read = file.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    if read as u64 > BYTES_MAX {
        return Err(io::Error::other(format!(
            "it is longer than a token, which has at most {BYTES_MAX} bytes"
        )));
    }
    Ok(text)
}

/// Says what to do about a file that is somebody else's.
fn explain(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::PermissionDenied {
        let text = "it belongs to another user who lets nobody else read it; give it to the user that runs this (chown)";
        return io::Error::new(error.kind(), text);
    }
    error
}

/// Makes the file whole or not at all; where another process was faster, its token counts.
fn make(path: &Path) -> io::Result<()> {
    let mut random = [0; 40];
    getrandom::fill(&mut random).expect("the system has random bytes");
    let (secret, suffix) = random.split_at(32);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", URL_SAFE_NO_PAD.encode(suffix)));
    let draft = path.with_file_name(name);
    let written = write(&draft, &URL_SAFE_NO_PAD.encode(secret));
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    linked.and(removed)
}

fn write(path: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{token}")?;
    file.sync_all()
}

#[cfg(unix)]
fn judge(path: &Path, file: &File, readers: Readers) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata()?;
    match readers {
        Readers::Refused => {
            if ![0, rustix::process::geteuid().as_raw()].contains(&metadata.uid()) {
                return Err(io::Error::other(
                    "it belongs to another user, who knows the token; name a file of your own",
                ));
            }
            if metadata.mode() & 0o007 != 0 {
                return Err(io::Error::other(
                    "everybody on this machine can read it; `chmod 600` it, and make a new one if others may have read it",
                ));
            }
        }
        Readers::Warned if metadata.mode() & 0o077 != 0 => {
            tracing::warn!(file = %path.display(), "others can read this token; chmod 600 helps");
        }
        Readers::Warned => {}
    }
    Ok(())
}

#[cfg(not(unix))]
fn judge(_: &Path, _: &File, _: Readers) -> io::Result<()> {
    Ok(())
}

/// A shorter secret could be guessed.
const BYTES_MIN: usize = 20;

/// Bytes of the file. A part of a longer one would keep out whoever shows the whole.
const BYTES_MAX: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use Readers::{Refused, Warned};

    fn place() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        (folder, path)
    }

    #[test]
    fn a_secret_is_made_once_and_for_its_owner() {
        let (folder, path) = place();
        Secret::of_file(&path, Refused).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.trim().len(), 43);
        let again = Secret::of_file(&path, Refused).unwrap();
        assert!(again.is(text.trim().as_bytes()));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_plain_file_is_refused_before_it_is_opened() {
        let (folder, _) = place();
        for readers in [Refused, Warned] {
            let error = Secret::of_file(folder.path(), readers).unwrap_err();
            assert!(error.to_string().contains("plain file"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_another_user_is_refused() {
        let (_folder, path) = place();
        Secret::of_file(&path, Refused).unwrap();
        // Only the superuser can give a file away.
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_ok() {
            let error = Secret::of_file(&path, Refused).unwrap_err();
            assert!(error.to_string().contains("another user"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_everybody_can_read_is_refused_with_the_fix_or_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path) = place();
        Secret::of_file(&path, Refused).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Secret::of_file(&path, Refused).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        Secret::of_file(&path, Warned).unwrap();
    }

    #[test]
    fn of_a_file_that_is_too_long_no_part_is_taken() {
        let (_folder, path) = place();
        write(&path, &"a".repeat(1024)).unwrap();
        for readers in [Refused, Warned] {
            let error = Secret::of_file(&path, readers).unwrap_err().to_string();
            assert!(error.contains("at most 1024"), "{error}");
        }
    }

    #[test]
    fn only_the_whole_secret_is_it() {
        let secret = Secret::of_text("abcdefghijklmnopqrstuvwxyz\n").unwrap();
        assert!(secret.is(b"abcdefghijklmnopqrstuvwxyz"));
        for other in [
            "",
            "abcdefghijklmnopqrstuvwxy",
            "abcdefghijklmnopqrstuvwxyzz",
            "bbcdefghijklmnopqrstuvwxyz",
            "abcdefghijklmnopqrstuvwxyz\0",
        ] {
            assert!(!secret.is(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_guessable_secret_is_refused_and_not_shown() {
        let (_folder, path) = place();
        write(&path, "secret").unwrap();
        let error = Secret::of_file(&path, Refused).unwrap_err();
        assert!(error.to_string().contains("at least"), "{error}");
        assert!(!error.to_string().contains("secret"));
    }
}
