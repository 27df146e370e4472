//! How text looks: colour or none, and lines that end before the terminal does.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

/// Columns where nothing else is known.
pub const WIDTH: usize = 80;

/// The narrowest and widest text that reads well.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=100;

impl Default for Look {
    fn default() -> Self {
        Self {
            color: false,
            width: WIDTH,
        }
    }
}

/// What a piece of text is, and so which colour it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Doubt,
    Strong,
    Faint,
}

impl Look {
    /// The look for a terminal of so many columns.
    pub fn new(color: bool, columns: Option<usize>) -> Self {
        let columns = columns.unwrap_or(WIDTH);
        Self {
            color,
            width: columns.clamp(*WIDTHS.start(), *WIDTHS.end()),
        }
    }

    /// The text in its tone.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.color || text.is_empty() => return text.to_owned(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Doubt => AnsiColor::Yellow.on_default(),
            Tone::Strong => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }

    /// A paragraph, wrapped; `first` begins its first line and blanks of the same width all others.
    pub(crate) fn paragraph(self, first: &str, text: &str) -> String {
        let indent = " ".repeat(first.width());
        let room = self.width.saturating_sub(indent.len()).max(20);
        let mut out = String::new();
        for (at, line) in wrap(text, room).iter().enumerate() {
            out.push_str(if at == 0 { first } else { &indent });
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

/// Text without what could move the cursor, since much of it comes from the network.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_direction_mark(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// Characters that turn the direction of what follows.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Words on lines of at most `room` columns; a longer word is cut.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in printable(&text.replace('\n', " ")).split_whitespace() {
        for piece in pieces(word, room) {
            let needed = if line.is_empty() { 0 } else { line.width() + 1 } + piece.width();
            if needed > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    lines.push(line);
    lines
}

fn pieces(word: &str, room: usize) -> Vec<String> {
    if word.width() <= room {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let last = pieces.last_mut().expect("starts with one");
        if last.width() + c.to_string().width() > room {
            pieces.push(c.to_string());
        } else {
            last.push(c);
        }
    }
    pieces
}

/// The text cut to so many columns, with a mark where something is missing.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    let text = printable(text);
    if text.width() <= columns {
        return text;
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.to_string().width() + 1 > columns {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// The text with blanks up to so many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let look = Look::new(false, Some(40));
        let long = "x".repeat(95);
        let text = look.paragraph(
            "  o12  ",
            &format!("Some words, then {long} and 漢字漢字漢字 more."),
        );
        for line in text.lines() {
            assert!(line.width() <= 40, "{line}");
        }
        assert!(text.starts_with("  o12  Some words"));
        assert!(text.lines().skip(1).all(|line| line.starts_with("       ")));
    }

    #[test]
    fn what_the_network_says_cannot_move_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("漢字漢", 4), "漢…");
    }

    #[test]
    fn without_colour_there_are_no_escapes() {
        assert_eq!(Look::default().paint(Tone::Bad, "x"), "x");
        assert!(
            Look::new(true, None)
                .paint(Tone::Bad, "x")
                .contains('\u{1b}')
        );
    }
}
