//! Bytes into lines. It must never hold more than one line's limit, whatever arrives.

/// Longest line that is read, tags included. `IRCv3` allows 8191 bytes of tags; servers with a larger `LINELEN` exist.
pub const LINE_BYTES_MAX: usize = 16 * 1024;

/// Puts lines together from bytes as they arrive.
#[derive(Debug, Default)]
pub struct Framer {
    held: Vec<u8>,
    /// Up to where lines were given.
    given: usize,
    /// Where the next search for a line's end begins.
    searched: usize,
    /// The line under way passed the limit: it is dropped up to its end.
    skipping: bool,
    dropped: u64,
}

impl Framer {
    /// Takes bytes that arrived. [`Self::next_line`] is to be called until it gives nothing before more are added.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole line, without its end and never empty.
    pub fn next_line(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.held[self.searched..];
            let Some(found) = rest.iter().position(|&byte| byte == b'\n') else {
                // Once for all lines: a message may hold a great many.
                self.held.drain(..self.given);
                self.given = 0;
                self.searched = self.held.len();
                self.give_up_long();
                return None;
            };
            let end = self.searched + found;
            let mut line = &self.held[self.given..end];
            self.given = end + 1;
            self.searched = self.given;
            while let Some(without) = line.strip_suffix(b"\r") {
                line = without;
            }
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if line.len() > LINE_BYTES_MAX {
                self.dropped += 1;
                continue;
            }
            if !line.is_empty() {
                return Some(line.to_vec());
            }
        }
    }

    /// Lines that were dropped because they were too long.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn give_up_long(&mut self) {
        if self.held.len() <= LINE_BYTES_MAX {
            return;
        }
        if !self.skipping {
            self.dropped += 1;
        }
        self.skipping = true;
        self.held.clear();
        self.searched = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut framer = Framer::default();
        let mut all = Vec::new();
        for chunk in chunks {
            framer.push(chunk);
            while let Some(line) = framer.next_line() {
                all.push(line);
            }
        }
        all
    }

    #[test]
    fn lines_end_with_either_line_end_and_empty_ones_are_none() {
        let read = lines(&[b"one\r\ntwo\n\r\n\nth", b"ree\r", b"\n"]);
        assert_eq!(read, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
    }

    #[test]
    fn a_line_over_the_limit_is_dropped_and_the_next_is_read() {
        let mut framer = Framer::default();
        for _ in 0..40 {
            framer.push(&[b'a'; 1024]);
            assert_eq!(framer.next_line(), None);
            assert!(framer.held.len() <= LINE_BYTES_MAX);
        }
        framer.push(b"end\r\nnext\r\n");
        assert_eq!(framer.next_line().as_deref(), Some(&b"next"[..]));
        assert_eq!(framer.dropped(), 1);
    }

    #[test]
    fn a_great_many_lines_at_once_take_no_longer_each() {
        // If each line moved all that follow, this would take days.
        let many = vec![b'\n'; 8 << 20];
        assert!(lines(&[&many, b"end\n"]) == [b"end".to_vec()]);
        let many = b"x\n".repeat(1 << 20);
        assert_eq!(lines(&[&many]).len(), 1 << 20);
    }

    proptest! {
        #[test]
        fn how_bytes_are_cut_changes_nothing(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200), cut in 1usize..7) {
            let whole = lines(&[&bytes]);
            let chunks: Vec<&[u8]> = bytes.chunks(cut).collect();
            prop_assert_eq!(lines(&chunks), whole);
        }
    }
}
