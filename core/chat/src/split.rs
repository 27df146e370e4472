//! A long text as pieces that a side takes. It must never make a piece longer than the limit, and never lose more than white space where
//! it cuts, except behind the last piece, which then says how much.

use unicode_segmentation::UnicodeSegmentation;

/// How much one piece may hold, and how its characters are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Bytes of UTF-8, as written.
    pub(crate) bytes: usize,
    /// Unicode scalar values, as written.
    pub(crate) chars: usize,
    pub(crate) several_lines: bool,
    pub(crate) pieces_max: usize,
    pub(crate) written: Written,
}

/// How characters are written on the side that is told. Limits count them so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// `&`, `<` and `>` as entities.
    pub(crate) entities: bool,
    /// Each line but the first with a mark, so that it passes for nobody else's message.
    pub(crate) line_mark: bool,
}

impl Written {
    fn character(self, character: char) -> Option<&'static str> {
        match character {
            '&' if self.entities => Some("&amp;"),
            '<' if self.entities => Some("&lt;"),
            '>' if self.entities => Some("&gt;"),
            '\n' if self.line_mark => Some(MARKED_BREAK),
            _ => None,
        }
    }

    /// The text as the side is given it.
    pub(crate) fn write(self, text: &str) -> String {
        let mut written = String::with_capacity(text.len());
        for character in text.chars() {
            match self.character(character) {
                Some(other) => written.push_str(other),
                None => written.push(character),
            }
        }
        written
    }

    /// The bytes and characters of a text as the side is given it.
    fn size(self, text: &str) -> (usize, usize) {
        let sizes = text
            .chars()
            .map(|character| match self.character(character) {
                Some(other) => (other.len(), other.chars().count()),
                None => (character.len_utf8(), 1),
            });
        sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1))
    }
}

impl Cut {
    /// Whether so much fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let (bytes, chars) = self.written.size(text);
        bytes <= self.bytes && chars <= self.chars
    }

    /// The same with half the room.
    pub(crate) fn half(self) -> Self {
        Self {
            bytes: self.bytes / 2,
            chars: self.chars / 2,
            ..self
        }
    }

    /// The same with less room.
    pub(crate) fn less(self, text: &str) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(text.len()),
            chars: self.chars.saturating_sub(text.chars().count()),
            ..self
        }
    }

    /// All pieces of a text, as written. White space between them is dropped, and lines without text.
    pub(crate) fn pieces(&self, text: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (piece, behind) = if pieces.len() + 1 >= self.pieces_max {
                (self.last(rest), "")
            } else {
                let (piece, behind) = self.first(rest);
                (self.written.write(piece), behind)
            };
            pieces.push(piece);
            rest = behind;
        }
        pieces
    }

    /// The last piece, whatever there is: with the count of what it leaves out.
    fn last(&self, text: &str) -> String {
        let (piece, behind) = self.first(text);
        if behind.is_empty() {
            return self.written.write(piece);
        }
        let longest = ending(text.chars().count());
        let room = self.less(&longest);
        if room.bytes < self.bytes / 4 || room.chars < self.chars / 4 {
            let (piece, _) = self.less(SHORT_ENDING).first(text);
            return format!("{}{SHORT_ENDING}", self.written.write(piece));
        }
        let (piece, behind) = room.first(text);
        let ending = ending(behind.chars().count());
        format!("{}{ending}", self.written.write(piece))
    }

    /// The first piece of a text that starts and ends with no white space, and what is left of it.
    fn first<'a>(&self, text: &'a str) -> (&'a str, &'a str) {
        let line_end = if self.several_lines {
            text.len()
        } else {
            text.find('\n').unwrap_or(text.len())
        };
        let line = &text[..line_end];
        let end = self.border(line);
        (text[..end].trim_end(), text[end..].trim_start())
    }

    /// Where to cut a text: its end, else the last white space that fits, else the last character as people see it.
    fn border(&self, text: &str) -> usize {
        let (mut bytes, mut chars) = (0, 0);
        let mut space = None;
        for (at, character) in text.grapheme_indices(true) {
            let size = self.written.size(character);
            bytes += size.0;
            chars += size.1;
            let is_space = character.starts_with(char::is_whitespace);
            if is_space && at > 0 {
                space = Some(at);
            }
            if bytes > self.bytes || chars > self.chars {
                return match space {
                    Some(space) => space,
                    None if at > 0 => at,
                    None => self.within(text),
                };
            }
        }
        text.len()
    }

    /// Where to cut a text whose first character, with all its marks, does not fit.
    fn within(&self, text: &str) -> usize {
        let fits = |end: &usize| self.fits(&text[..*end]);
        let ends = text.char_indices().map(|(at, one)| at + one.len_utf8());
        // A character has to go out whole, or the text would never end; limits are never that small (`rules::LENGTH_MIN`).
        let first = text.chars().next().map_or(0, char::len_utf8);
        ends.take_while(fits).last().unwrap_or(first)
    }
}

fn ending(left: usize) -> String {
    let plural = if left == 1 { "" } else { "s" };
    format!("… ({left} more character{plural})")
}

const SHORT_ENDING: &str = "…";
const MARKED_BREAK: &str = "\n| ";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(bytes: usize) -> Cut {
        Cut {
            bytes,
            chars: usize::MAX,
            several_lines: false,
            pieces_max: usize::MAX,
            written: Written {
                entities: false,
                line_mark: false,
            },
        }
    }

    #[test]
    fn cuts_are_at_word_borders() {
        assert_eq!(
            cut(11).pieces("one two three four"),
            ["one two", "three four"]
        );
        assert_eq!(cut(7).pieces("one two"), ["one two"]);
        assert_eq!(cut(6).pieces("abcdefghij k"), ["abcdef", "ghij k"]);
    }

    #[test]
    fn no_character_is_cut_through() {
        assert_eq!(cut(5).pieces("ééé"), ["éé", "é"]);
        let flag = "🇩🇪";
        assert_eq!(cut(12).pieces(&flag.repeat(3)), [flag, flag, flag]);
        let tower = format!("e{}", "\u{301}".repeat(30));
        let pieces = cut(16).pieces(&tower);
        assert_eq!(pieces.concat(), tower);
        assert!(pieces.iter().all(|piece| piece.len() <= 16));
    }

    #[test]
    fn lines_are_pieces_where_a_side_takes_one() {
        assert_eq!(
            cut(40).pieces("one\n\n  two\nthree "),
            ["one", "two", "three"]
        );
        let several = Cut {
            several_lines: true,
            ..cut(40)
        };
        assert_eq!(several.pieces("one\n\n  two "), ["one\n\n  two"]);
    }

    #[test]
    fn a_line_passes_for_nobody_elses() {
        let marked = Cut {
            several_lines: true,
            written: Written {
                entities: true,
                line_mark: true,
            },
            ..cut(20)
        };
        assert_eq!(marked.pieces("a\nb <c>"), ["a\n| b &lt;c&gt;"]);
        assert_eq!(
            marked.pieces("a\nb <c> & d"),
            ["a\n| b &lt;c&gt;", "&amp; d"]
        );
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let two = Cut {
            pieces_max: 2,
            ..cut(40)
        };
        let pieces = two.pieces(&"word ".repeat(100));
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[1], "word word word… (444 more characters)");
        let tiny = Cut {
            pieces_max: 1,
            ..cut(16)
        };
        assert_eq!(tiny.pieces("one two three four"), ["one two three…"]);
    }

    proptest! {
        #[test]
        fn every_word_is_there_and_no_piece_is_too_long(
            text in crate::compose::hostile::text(), bytes in 16usize..80, chars in 16usize..80,
            several_lines: bool, entities: bool, line_mark: bool,
        ) {
            let cut = Cut { bytes, chars, several_lines, pieces_max: usize::MAX, written: Written { entities, line_mark } };
            let text = crate::clean(&text);
            let pieces = cut.pieces(&text);
            for piece in &pieces {
                prop_assert!(piece.len() <= bytes && piece.chars().count() <= chars, "{piece:?}");
                prop_assert!(several_lines || !piece.contains('\n'));
            }
            let plain = Cut { written: Written { entities: false, line_mark: false }, ..cut };
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&plain.pieces(&text).concat()), squeeze(&text));
        }

        #[test]
        fn the_last_piece_keeps_to_the_limit_too(
            text in crate::compose::hostile::text(), bytes in 16usize..80, chars in 16usize..80, pieces_max in 1usize..4,
        ) {
            let written = Written { entities: true, line_mark: true };
            let cut = Cut { bytes, chars, several_lines: true, pieces_max, written };
            let pieces = cut.pieces(&crate::clean(&text));
            prop_assert!(pieces.len() <= pieces_max);
            for piece in &pieces {
                prop_assert!(piece.len() <= bytes && piece.chars().count() <= chars, "{piece:?}");
            }
        }
    }
}
