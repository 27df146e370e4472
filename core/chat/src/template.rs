//! A format: text with places for what is not known before. It must never be read again for each message, and never hold what would
//! break a line.

use std::fmt::Write;

/// Where a value goes in a format. One table holds them all: [`PLACEHOLDERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The author's name.
    Nick,
    /// The author's name in a way that pings nobody.
    NoPingNick,
    /// The author's id.
    UserId,
    /// The network that the message comes from.
    Network,
    /// What the operator calls the side.
    Label,
    /// The side, as the configuration names it.
    Side,
    /// The room that it was said in.
    Room,
    /// The link.
    Link,
    /// The text.
    Text,
    /// When it was said.
    Time,
    /// The day it was said.
    Date,
    /// Who is replied to.
    QuotedNick,
    /// The start of what is replied to.
    Quote,
}

/// A format, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Value(Place),
}

/// Why a text is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder that does not exist.
    #[error("`{{{name}}}` is not known here; known are {}", known())]
    Unknown {
        /// What stood in the braces.
        name: String,
    },
    /// A brace without its partner.
    #[error("a `{{` or `}}` stands alone; write `{{{{` or `}}}}` where the brace itself is meant")]
    Brace,
    /// The text twice would be cut at two places.
    #[error("`{{text}}` may stand once")]
    TextTwice,
    /// Line breaks and other control characters.
    #[error("a format may hold no line break and no control character")]
    Control,
    /// IRC's codes for colours and the like, for a side that is no IRC.
    #[error("only IRC has codes for colours")]
    Codes,
    /// Too long to leave room for a text.
    #[error("a format may have at most {TEMPLATE_BYTES_MAX} bytes")]
    Long,
}

impl Template {
    /// Reads a format.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > TEMPLATE_BYTES_MAX {
            return Err(TemplateError::Long);
        }
        if text.chars().any(|c| c.is_control() && !is_irc_code(c)) {
            return Err(TemplateError::Control);
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let name = &rest[..end.ok_or(TemplateError::Brace)?];
            rest = &rest[name.len() + 1..];
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Value(place(name)?));
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        let template = Self { parts };
        if template.count(Place::Text) > 1 {
            return Err(TemplateError::TextTwice);
        }
        Ok(template)
    }

    /// The same with the text at its end, if it has no place for it: so Matterbridge's formats, which end before the text, go on working.
    #[must_use]
    pub(crate) fn with_text(mut self) -> Self {
        if !self.has_text() {
            self.parts.push(Part::Value(Place::Text));
        }
        self
    }

    /// Whether it holds IRC's codes for colours, bold and the like.
    pub fn has_irc_codes(&self) -> bool {
        let has = |part: &Part| matches!(part, Part::Literal(text) if text.contains(is_irc_code));
        self.parts.iter().any(has)
    }

    /// Whether it has a place for the text.
    pub fn has_text(&self) -> bool {
        self.count(Place::Text) > 0
    }

    fn count(&self, place: Place) -> usize {
        let is = |part: &&Part| **part == Part::Value(place);
        self.parts.iter().filter(is).count()
    }

    /// What stands before and behind the text. `value` is asked for each place but that of the text, with the character that follows
    /// it in the format.
    pub(crate) fn around_text(
        &self,
        mut value: impl FnMut(Place, Option<char>) -> String,
    ) -> (String, String) {
        let (mut before, mut behind) = (String::new(), String::new());
        let mut current = &mut before;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => current.push_str(text),
                Part::Value(Place::Text) => current = &mut behind,
                Part::Value(place) => {
                    let next = match self.parts.get(index + 1) {
                        Some(Part::Literal(text)) => text.chars().next(),
                        _ => None,
                    };
                    current.push_str(&value(*place, next));
                }
            }
        }
        (before, behind)
    }
}

/// Bold, colour, colour by number, reset, monospace, reverse, italics, struck through, underlined.
fn is_irc_code(character: char) -> bool {
    "\u{2}\u{3}\u{4}\u{f}\u{11}\u{16}\u{1d}\u{1e}\u{1f}".contains(character)
}

fn place(name: &str) -> Result<Place, TemplateError> {
    let row = PLACEHOLDERS
        .iter()
        .find(|row| row.name == name || row.matterbridge == Some(name));
    row.map(|row| row.place)
        .ok_or_else(|| TemplateError::Unknown {
            name: name.chars().take(SHOWN_CHARS_MAX).collect(),
        })
}

fn known() -> String {
    let mut list = String::new();
    for row in PLACEHOLDERS {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}{{{}}}", row.name);
    }
    list
}

/// One placeholder.
#[derive(Debug, Clone, Copy)]
pub struct Placeholder {
    /// What stands in the braces.
    pub name: &'static str,
    /// Matterbridge's word for the same.
    pub matterbridge: Option<&'static str>,
    /// What it stands for.
    pub place: Place,
    /// The same in words.
    pub meaning: &'static str,
}

const fn row(
    name: &'static str,
    matterbridge: Option<&'static str>,
    place: Place,
    meaning: &'static str,
) -> Placeholder {
    Placeholder {
        name,
        matterbridge,
        place,
        meaning,
    }
}

/// All placeholders.
pub const PLACEHOLDERS: &[Placeholder] = &[
    row("nick", Some("NICK"), Place::Nick, "the author's name"),
    row(
        "nopingnick",
        Some("NOPINGNICK"),
        Place::NoPingNick,
        "the same with an invisible character inside, so that nobody's client rings",
    ),
    row(
        "user_id",
        Some("USERID"),
        Place::UserId,
        "the author's id on the side",
    ),
    row(
        "network",
        Some("PROTOCOL"),
        Place::Network,
        "the network, `IRC` for example",
    ),
    row(
        "label",
        Some("LABEL"),
        Place::Label,
        "the side's `label`; without one the network",
    ),
    row(
        "side",
        Some("BRIDGE"),
        Place::Side,
        "the side's name, `irc.libera` for example",
    ),
    row(
        "room",
        Some("CHANNEL"),
        Place::Room,
        "the room that it was said in",
    ),
    row("link", Some("GATEWAY"), Place::Link, "the link's name"),
    row(
        "text",
        None,
        Place::Text,
        "the text; where it is left out, it follows the format",
    ),
    row(
        "time",
        None,
        Place::Time,
        "when it was said, in UTC; with the day if that was not today",
    ),
    row("date", None, Place::Date, "the day it was said, in UTC"),
    row("quoted_nick", None, Place::QuotedNick, "who is replied to"),
    row(
        "quote",
        None,
        Place::Quote,
        "the start of what is replied to",
    ),
];

/// The longest format in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 256;

/// How much of an unknown placeholder an error shows.
const SHOWN_CHARS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str) -> (String, String) {
        let template = Template::parse(text).expect("a format").with_text();
        template.around_text(|place, next| format!("({place:?} {next:?})"))
    }

    #[test]
    fn places_are_filled_and_the_text_parts_them() {
        assert_eq!(
            around("[{network}] <{nick}> {text}!"),
            (
                "[(Network Some(']'))] <(Nick Some('>'))> ".to_owned(),
                "!".to_owned()
            )
        );
        assert_eq!(around("{{{text}}}"), ("{".to_owned(), "}".to_owned()));
    }

    #[test]
    fn matterbridges_formats_are_understood() {
        let ours = Template::parse("[{network}] <{nick}> {text}").expect("a format");
        let theirs = Template::parse("[{PROTOCOL}] <{NICK}> ").expect("a format");
        assert_eq!(theirs.with_text(), ours);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Template::parse(text).expect_err("a mistake");
        let unknown = error("<{nikc}> {text}").to_string();
        assert!(unknown.contains("`{nikc}`"), "{unknown}");
        for row in PLACEHOLDERS {
            assert!(unknown.contains(&format!("{{{}}}", row.name)), "{unknown}");
        }
        for text in ["{", "}", "{nick", "a } b", "{nick}}"] {
            assert_eq!(error(text), TemplateError::Brace, "{text}");
        }
        assert_eq!(error("{text}{text}"), TemplateError::TextTwice);
        assert_eq!(error("a\nb"), TemplateError::Control);
        assert_eq!(error("a\u{1}"), TemplateError::Control);
        assert_eq!(error("\u{3}4\r"), TemplateError::Control);
        assert_eq!(error(&"x".repeat(300)), TemplateError::Long);
    }

    #[test]
    fn the_guide_lists_all_places() {
        let guide = include_str!("../../../docs/relay.md");
        for row in PLACEHOLDERS {
            let theirs = row
                .matterbridge
                .map_or_else(String::new, |name| format!("`{{{name}}}`"));
            let line = format!("| `{{{}}}` | {} | {theirs} |", row.name, row.meaning);
            assert!(guide.contains(&line), "{line}");
        }
    }
}
