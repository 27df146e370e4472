//! People who are not to be relayed, by name. It must never look at what they say.

use crate::message::Author;
use crate::name::{NAME_CHARS_MAX, clean_name};

/// Names that are not relayed. A `*` stands for any characters; upper and lower case are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignore {
    patterns: Vec<Vec<char>>,
}

impl Ignore {
    /// Reads patterns.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let chars = |pattern: &str| pattern.to_lowercase().chars().collect();
        Self {
            patterns: patterns.into_iter().map(chars).collect(),
        }
    }

    /// Whether the author's name or id is on the list. The name counts as it is and as it is shown.
    pub fn matches(&self, author: &Author) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let shown = clean_name(&author.name, NAME_CHARS_MAX);
        let names = [Some(&author.name), Some(&shown), author.id.as_ref()];
        names.into_iter().flatten().any(|name| {
            let name: Vec<char> = name.to_lowercase().chars().collect();
            self.patterns.iter().any(|pattern| fits(pattern, &name))
        })
    }
}

/// Whether a name fits a pattern. Only the last `*` is ever gone back to, so no pattern takes more than length times length.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(character) if *character == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, star_read)) = star else {
                    return false;
                };
                star = Some((star_at, star_read + 1));
                at = star_at + 1;
                read = star_read + 1;
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_whole() {
        for (pattern, name, expect) in [
            ("bob", "Bob", true),
            ("bob", "bobby", false),
            ("*bot", "Relay-BOT", true),
            ("*bot*", "bottom", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("*", "", true),
        ] {
            let author = Author {
                name: name.to_owned(),
                ..Author::default()
            };
            assert_eq!(
                Ignore::new([pattern]).matches(&author),
                expect,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn ids_and_shown_names_count_too() {
        let author = Author {
            id: Some("u-1".to_owned()),
            name: "b\u{200b}ob".to_owned(),
            ..Author::default()
        };
        assert!(Ignore::new(["u-1"]).matches(&author));
        assert!(Ignore::new(["bob"]).matches(&author));
        assert!(!Ignore::new([]).matches(&author));
    }
}
