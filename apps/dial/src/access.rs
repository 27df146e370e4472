//! The access token for other users of this machine: a secret that also fits into a subprotocol's name.
//!
//! It must never reach the remote.

use std::io;
use std::path::Path;

use towpath_secret::{Readers, Secret};

/// A secret that a local client has to show.
#[derive(Debug, Clone)]
pub struct AccessToken(Secret);

impl AccessToken {
    /// The token in a file. The file is made, with a fresh token and for its owner alone, if it is not there.
    ///
    /// Fails where the file cannot be read, can be read by others, or holds what is no token.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        Self::of(Secret::of_file(path, Readers::Refused)?)
    }

    /// A token that somebody else chose: at least 20 characters that may stand in a subprotocol's name.
    pub fn of_text(text: &str) -> io::Result<Self> {
        Self::of(Secret::of_text(text)?)
    }

    fn of(secret: Secret) -> io::Result<Self> {
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        if secret.bytes().iter().all(fits) {
            Ok(Self(secret))
        } else {
            Err(io::Error::other(
                "an access token has no other characters than A-Z, a-z, 0-9 and -._~ (remove the file to have one made)",
            ))
        }
    }

    /// Whether this is the token.
    pub(crate) fn is(&self, offered: &[u8]) -> bool {
        self.0.is(offered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_into_a_subprotocol() {
        let token = AccessToken::of_text("abc-._~defghijklmnopqrstuvwxyz\n").unwrap();
        assert!(token.is(b"abc-._~defghijklmnopqrstuvwxyz"));
        let error = AccessToken::of_text("a token with blanks in it, long").unwrap_err();
        assert!(error.to_string().contains("A-Z"), "{error}");
    }

    #[test]
    fn a_token_that_is_made_fits() {
        let folder = tempfile::tempdir().unwrap();
        AccessToken::of_file(&folder.path().join("token")).unwrap();
    }
}
