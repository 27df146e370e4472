//! Text without what only a program would see: control characters, formatting codes of IRC, bidirectional overrides.
//!
//! Cleaning twice changes nothing more. It must never let a line break through as anything but `\n`.

/// Takes out of `text` what could end a line, hide, reorder or colour it. Line breaks of every kind become `\n`, tabs a space.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\r' => {
                rest.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            '\t' => cleaned.push(' '),
            '\u{3}' => skip_colours(&mut rest, 2, char::is_ascii_digit),
            '\u{4}' => skip_colours(&mut rest, 6, char::is_ascii_hexdigit),
            _ if is_unwanted(character) => {}
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// Takes the arguments of a colour code: a foreground and, behind a comma, a background.
fn skip_colours(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    digits_max: usize,
    is_digit: fn(&char) -> bool,
) {
    let skip = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        (0..digits_max)
            .take_while(|_| rest.next_if(is_digit).is_some())
            .count()
    };
    if skip(rest) == 0 || rest.peek() != Some(&',') {
        return;
    }
    // A comma that no digit follows belongs to the text.
    let mut behind = rest.clone();
    behind.next();
    if behind.peek().is_some_and(is_digit) {
        rest.next();
        skip(rest);
    }
}

fn is_unwanted(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Embeddings, overrides and isolates: they reorder what stands around the text too.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Deprecated formatting, annotations, the byte order mark.
            | '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}'
            // Tags, which carry a second, invisible text.
            | '\u{e0000}'..='\u{e0fff}'
        )
        // Noncharacters, which some servers end a connection for.
        || u32::from(character) & 0xfffe == 0xfffe
        || ('\u{fdd0}'..='\u{fdef}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(clean(text), expect, "{text:?}");
    }

    #[test]
    fn line_breaks_are_of_one_kind() {
        check("a\r\nb\rc\nd\u{2028}e\u{85}f", "a\nb\nc\nd\ne\nf");
        check("a\r\u{0}\nb", "a\n\nb");
    }

    #[test]
    fn codes_of_irc_go_with_their_arguments() {
        check("\u{3}04,12red\u{3} plain", "red plain");
        check("\u{3}4, and", ", and");
        check("\u{3}123", "3");
        check("\u{4}ff0000,00ff00x", "x");
        check("\u{2}bold\u{2} \u{1d}it\u{1d} \u{f}", "bold it ");
        check("\u{1}VERSION\u{1}", "VERSION");
    }

    #[test]
    fn what_reorders_or_hides_goes() {
        check("abc\u{202e}def\u{2066}g\u{2069}", "abcdefg");
        check("hi\u{e0041}\u{e0042}\u{feff}", "hi");
        check(
            "שלום\u{200f}! می\u{200c}خواهم",
            "שלום\u{200f}! می\u{200c}خواهم",
        );
        check("👩\u{200d}💻", "👩\u{200d}💻");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in crate::compose::hostile::text()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.chars().any(|c| c.is_control() && c != '\n'), "{once:?}");
        }
    }
}
