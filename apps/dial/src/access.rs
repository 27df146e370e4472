//! The access token for other users of this machine: read from its file, or made there for its owner alone.
//!
//! It must never appear in a log, an error or a URL, never reach the remote, and is compared in constant time.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret that a local client has to show.
#[derive(Clone)]
pub struct AccessToken(Box<[u8]>);

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AccessToken")
    }
}

impl AccessToken {
    /// The token in a file. The file is made, with a fresh token and for its owner alone, if it is not there.
    ///
    /// Fails where the file cannot be read, can be read by others, or holds what is no token.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                Self::read(path)
            }
            read => read,
        }
    }

    /// A token that somebody else chose: at least 20 characters that may stand in a subprotocol's name.
    pub fn of_text(text: &str) -> io::Result<Self> {
        let token = text.trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if token.len() < TOKEN_BYTES_MIN || !token.bytes().all(fits) {
            return Err(io::Error::other(format!(
                "an access token has at least {TOKEN_BYTES_MIN} characters of A-Z, a-z, 0-9 and -._~ (remove the file to have one made)"
            )));
        }
        Ok(Self(token.as_bytes().into()))
    }

    fn read(path: &Path) -> io::Result<Self> {
        // Opening a pipe would wait for its other end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        let file = File::open(path)?;
        refuse_strangers(&file)?;
        let mut text = String::new();
        let read = file.take(TOKEN_BYTES_MAX + 1).read_to_string(&mut text)?;
        if read as u64 > TOKEN_BYTES_MAX {
            return Err(io::Error::other(format!(
                "it is longer than an access token, which has at most {TOKEN_BYTES_MAX} bytes"
            )));
        }
        Self::of_text(&text)
    }

    /// Whether this is the token. It takes as long whatever is wrong with what was offered.
    pub(crate) fn is(&self, offered: &[u8]) -> bool {
        let mut difference = self.0.len() ^ offered.len();
        for (at, byte) in self.0.iter().enumerate() {
            let other = offered.get(at).copied().unwrap_or_default();
            difference = black_box(difference | usize::from(byte ^ other));
        }
        difference == 0
    }
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

/// A token that others can read, or have written, keeps nobody out. Group access and files of the superuser are let
/// pass, since mounted secrets have them.
fn refuse_strangers(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = file.metadata()?;
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
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// A shorter token could be guessed.
const TOKEN_BYTES_MIN: usize = 20;

/// Bytes of the file. A part of a longer one would keep out whoever shows the whole.
const TOKEN_BYTES_MAX: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        AccessToken::of_file(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.trim().len(), 43);
        assert!(
            AccessToken::of_file(&path)
                .unwrap()
                .is(text.trim().as_bytes())
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let error = AccessToken::of_file(folder.path()).unwrap_err();
        assert!(error.to_string().contains("plain file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_another_user_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        AccessToken::of_file(&path).unwrap();
        // Only the superuser can give a file away.
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_ok() {
            let error = AccessToken::of_file(&path).unwrap_err();
            assert!(error.to_string().contains("another user"), "{error}");
        }
    }

    #[test]
    fn a_file_that_everybody_can_read_is_refused_with_the_fix() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        AccessToken::of_file(&path).unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        mode(0o644);
        let error = AccessToken::of_file(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn of_a_file_that_is_too_long_no_part_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write(&path, &"a".repeat(1024)).unwrap();
        let error = AccessToken::of_file(&path).unwrap_err().to_string();
        assert!(error.contains("at most 1024"), "{error}");
    }

    #[test]
    fn only_the_whole_token_is_it() {
        let token = AccessToken::of_text("abcdefghijklmnopqrstuvwxyz\n").unwrap();
        assert!(token.is(b"abcdefghijklmnopqrstuvwxyz"));
        for other in [
            "",
            "abcdefghijklmnopqrstuvwxy",
            "abcdefghijklmnopqrstuvwxyzz",
            "bbcdefghijklmnopqrstuvwxyz",
            "abcdefghijklmnopqrstuvwxyz\0",
        ] {
            assert!(!token.is(other.as_bytes()), "{other}");
        }
        assert!(AccessToken::of_text("secret").is_err());
        assert!(AccessToken::of_text("a token with blanks in it, long").is_err());
    }
}
