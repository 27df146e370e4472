//! Short codes and attempt ids as keys that need no memory of their own.

use crate::code;

/// At most sixteen bytes of text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id([u8; ID_BYTES_MAX]);

/// The longest attempt id; a code has half of it.
const ID_BYTES_MAX: usize = 16;

impl Id {
    /// The key of a text; nothing where it is empty or too long for a code or an attempt id.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; ID_BYTES_MAX];
        bytes
            .get_mut(..text.len())
            .filter(|part| !part.is_empty())?
            .copy_from_slice(text.as_bytes());
        Some(Self(bytes))
    }

    /// A new short code.
    pub(super) fn random() -> Self {
        Self::new(&code::code()).expect("a code is shorter than an attempt id")
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = &self.0[..end.unwrap_or(ID_BYTES_MAX)];
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_code_is_one() {
        let id = Id::random();
        assert_eq!(code::read(id.as_str()).as_deref(), Some(id.as_str()));
    }

    #[test]
    fn texts_of_sixteen_bytes_are_keys() {
        for good in ["k3m9p2xq", "4f9k2m", "0123456789abcdef"] {
            assert_eq!(Id::new(good).unwrap().as_str(), good);
        }
        assert_eq!(Id::new(""), None);
        assert_eq!(Id::new("0123456789abcdefg"), None);
        assert_ne!(Id::new("abcdef"), Id::new("abcdeg"));
    }
}
