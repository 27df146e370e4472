//! A name as another side may show it: one short line that hides nothing and closes no bracket of ours. It must never come out empty.

use unicode_segmentation::UnicodeSegmentation;

use crate::clean::clean;

/// A name without line breaks, invisible characters, angle brackets and towers of marks, cut at `chars_max` characters as people count.
pub fn clean_name(name: &str, chars_max: usize) -> String {
    let name = one_line(&visible(&clean(name)));
    let name: String = name
        .chars()
        .map(|character| match character {
            '<' => '‹',
            '>' => '›',
            other => other,
        })
        .collect();
    let name = if name.is_empty() { NOBODY } else { &name };
    cut(name, chars_max, chars_max * BYTES_PER_CHAR_MAX)
}

/// The same name in a way that no client takes for that of its user: each word has a joiner behind its first character.
pub fn without_ping(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let mut characters = word.chars();
        match characters.next() {
            // Within other scripts the joiner could change how letters look, and no nickname is written in pictures.
            Some(first) if first.is_ascii() => format!("{first}{JOINER}{}", characters.as_str()),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// All white space, line breaks too, as single spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters and bytes, with an ellipsis where something was cut off.
pub(crate) fn cut(text: &str, chars_max: usize, bytes_max: usize) -> String {
    let fits = |text: &str| text.len() <= bytes_max && text.graphemes(true).count() <= chars_max;
    if fits(text) {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.graphemes(true).take(chars_max.saturating_sub(1)) {
        if kept.len() + character.len() + ELLIPSIS.len() > bytes_max {
            break;
        }
        kept.push_str(character);
    }
    kept.truncate(kept.trim_end().len());
    kept.push_str(ELLIPSIS);
    kept
}

/// Without characters that take no room, except where a script or a picture needs them, and without towers of marks.
fn visible(name: &str) -> String {
    let mut seen = String::with_capacity(name.len());
    let mut marks = 0;
    let mut rest = name.chars().peekable();
    while let Some(character) = rest.next() {
        if is_joiner(character) {
            let joins = |c: char| !c.is_ascii() && !is_joiner(c) && !is_invisible(c);
            let needed = seen.chars().next_back().is_some_and(joins)
                && rest.peek().copied().is_some_and(joins);
            if !needed {
                continue;
            }
        } else if is_invisible(character) {
            continue;
        }
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks <= MARKS_MAX {
            seen.push(character);
        }
    }
    seen
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | JOINER)
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0e}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
    )
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
    )
}

/// The longest name, in characters as people count.
pub const NAME_CHARS_MAX: usize = 40;

/// The longest name of a file and id of a user, in characters.
pub(crate) const VALUE_CHARS_MAX: usize = 100;

/// What stands where a side tells no name.
const NOBODY: &str = "somebody";

const JOINER: char = '\u{200d}';
const ELLIPSIS: &str = "…";
const MARKS_MAX: usize = 2;
/// Room for letters of every script; only families of pictures need more.
const BYTES_PER_CHAR_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(name: &str, expect: &str) {
        assert_eq!(clean_name(name, NAME_CHARS_MAX), expect, "{name:?}");
    }

    #[test]
    fn names_are_one_visible_line() {
        check("  Anonymous \r\n Walrus ", "Anonymous Walrus");
        check("bob> hello <root", "bob› hello ‹root");
        check("a\u{200b}d\u{200d}m\u{2060}in", "admin");
        check("\u{3164}\u{200b} ", "somebody");
        check("e\u{301}\u{302}\u{303}\u{304}", "e\u{301}\u{302}");
        check(
            "👩\u{200d}💻 می\u{200c}خواهم",
            "👩\u{200d}💻 می\u{200c}خواهم",
        );
    }

    #[test]
    fn names_are_bounded() {
        check(&"x".repeat(1000), &format!("{}…", "x".repeat(39)));
        let families = "👨\u{200d}👩\u{200d}👧\u{200d}👦".repeat(20);
        assert!(clean_name(&families, NAME_CHARS_MAX).len() <= 160);
    }

    #[test]
    fn no_word_of_the_name_pings() {
        assert_eq!(without_ping("bob smith"), "b\u{200d}ob s\u{200d}mith");
        assert_eq!(without_ping("élan"), "élan");
        assert_eq!(without_ping("x"), "x\u{200d}");
    }

    proptest! {
        #[test]
        fn cleaning_a_name_twice_changes_nothing(name in crate::compose::hostile::text(), chars_max in 4usize..60) {
            let once = clean_name(&name, chars_max);
            prop_assert!(!once.is_empty());
            let forbidden = ['<', '>', '\n', '\r', '\0', '\u{1}'];
            prop_assert!(!once.contains(forbidden), "{once:?}");
            prop_assert_eq!(clean_name(&once, chars_max), once);
        }
    }
}
