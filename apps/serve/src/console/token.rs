//! The console's token: read from its file, or made there for its owner alone.
//!
//! It must never appear in a log, an error or a URL, and is compared in constant time.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The secret that opens the console.
pub(super) struct Token(Box<[u8]>);

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token")
    }
}

impl Token {
    /// The token in a file, which is made if it is not there.
    pub(super) fn of_file(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                Self::read(path)
            }
            read => read,
        }
    }

    fn read(path: &Path) -> io::Result<Self> {
        let mut text = String::new();
        let file = File::open(path)?;
        warn_of_readers(path, &file);
        file.take(TOKEN_BYTES_MAX).read_to_string(&mut text)?;
        Self::of_text(&text)
    }

    /// A token that somebody else chose.
    pub(super) fn of_text(text: &str) -> io::Result<Self> {
        let token = text.trim();
        if token.len() < TOKEN_BYTES_MIN {
            return Err(io::Error::other(format!(
                "a token of at least {TOKEN_BYTES_MIN} characters is needed; remove the file to have one made"
            )));
        }
        Ok(Self(token.as_bytes().into()))
    }

    /// Whether this is the token. It takes as long whatever is wrong.
    pub(super) fn is(&self, offered: &[u8]) -> bool {
        let differs = |(one, other): (&u8, &u8)| one ^ other;
        let padded = offered.iter().chain(std::iter::repeat(&0));
        let difference = self.0.iter().zip(padded).map(differs);
        let difference = difference.fold(0, |all, byte| black_box(all | byte));
        (difference == 0) & (self.0.len() == offered.len())
    }
}

/// Makes the file whole or not at all. Another gateway that does so at the same time makes the one that counts.
fn make(path: &Path) -> io::Result<()> {
    let token = URL_SAFE_NO_PAD.encode(random());
    let unused = URL_SAFE_NO_PAD.encode(&random()[..8]);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{unused}"));
    let draft = path.with_file_name(name);
    let made = write(&draft, &token).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    made.and(removed)
}

fn write(path: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    let mut file = options.open(path)?;
    writeln!(file, "{token}")?;
    file.sync_all()
}

/// A file that others can read is used all the same: containers mount secrets so.
fn warn_of_readers(path: &Path, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map(|facts| facts.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            let file = path.display();
            tracing::warn!(%file, "others can read the console's token; chmod 600 helps");
        }
    }
    #[cfg(not(unix))]
    let _ = (path, file);
}

/// 256 random bits.
pub(super) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// A shorter token could be guessed.
const TOKEN_BYTES_MIN: usize = 20;

/// Bytes that are read of the file.
const TOKEN_BYTES_MAX: u64 = 1024;

#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        Token::of_file(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.trim().len(), 43);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(Token::of_file(&path).unwrap().is(text.trim().as_bytes()));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_the_whole_token_is_it() {
        let token = Token(b"abcdefghijklmnopqrstuvwxyz".as_slice().into());
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
    }

    #[test]
    fn a_guessable_token_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "secret\n").unwrap();
        let error = Token::of_file(&path).unwrap_err();
        assert!(error.to_string().contains("at least"), "{error}");
        assert!(!error.to_string().contains("secret"));
    }
}
