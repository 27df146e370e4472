//! UTF-8 checked as it arrives, so that a bad byte is known before its message ends (RFC 6455
//! section 8.1).
//!
//! Keeps at most one unfinished character, never the text.

/// The state between two pieces of one text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Utf8Check {
    /// Bytes of whole characters seen so far.
    valid: u64,
    unfinished: [u8; 4],
    unfinished_bytes: usize,
}

/// The first byte that belongs to no character, counted from the start of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidAt(pub(crate) u64);

impl Utf8Check {
    /// Looks at the next piece.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), InvalidAt> {
        while self.unfinished_bytes > 0
            && let Some((next, rest)) = bytes.split_first()
        {
            bytes = rest;
            self.unfinished[self.unfinished_bytes] = *next;
            self.unfinished_bytes += 1;
            match std::str::from_utf8(&self.unfinished[..self.unfinished_bytes]) {
                Ok(character) => {
                    self.valid += character.len() as u64;
                    self.unfinished_bytes = 0;
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(InvalidAt(self.valid)),
            }
        }
        match std::str::from_utf8(bytes) {
            Ok(_) => self.valid += bytes.len() as u64,
            Err(error) => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                self.valid += whole.len() as u64;
                if error.error_len().is_some() {
                    return Err(InvalidAt(self.valid));
                }
                self.unfinished[..rest.len()].copy_from_slice(rest);
                self.unfinished_bytes = rest.len();
            }
        }
        Ok(())
    }

    /// The text ends here.
    pub(crate) fn finish(&self) -> Result<(), InvalidAt> {
        if self.unfinished_bytes == 0 {
            Ok(())
        } else {
            Err(InvalidAt(self.valid))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidAt, Utf8Check};
    use proptest::prelude::*;

    fn check(pieces: &[&[u8]]) -> Result<(), InvalidAt> {
        let mut check = Utf8Check::default();
        pieces.iter().try_for_each(|piece| check.push(piece))?;
        check.finish()
    }

    #[test]
    fn a_bad_byte_is_known_at_once() {
        let mut check = Utf8Check::default();
        assert_eq!(check.push(b"ab\xf0"), Ok(()));
        // No character begins with F0 80.
        assert_eq!(check.push(b"\x80"), Err(InvalidAt(2)));
    }

    #[test]
    fn an_unfinished_character_is_bad_only_at_the_end() {
        assert_eq!(check(&[b"a\xe2\x82", b"\xac"]), Ok(()));
        assert_eq!(check(&[b"a\xe2\x82"]), Err(InvalidAt(1)));
        assert_eq!(check(&[b"\xed\xa0\x80"]), Err(InvalidAt(0)));
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_at_any_cut(
            text in prop_oneof![
                any::<String>().prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..24),
                proptest::collection::vec(prop_oneof![Just(0xe2), Just(0x82), Just(0xac), Just(0xf0), Just(0x61)], 0..12),
            ],
            cuts in proptest::collection::vec(0_usize..64, 0..4),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut start = 0;
            for cut in cuts {
                pieces.push(&text[start..cut]);
                start = cut;
            }
            pieces.push(&text[start..]);
            let expected = std::str::from_utf8(&text)
                .map(|_| ())
                .map_err(|error| InvalidAt(error.valid_up_to() as u64));
            prop_assert_eq!(check(&pieces), expected);
        }
    }
}
