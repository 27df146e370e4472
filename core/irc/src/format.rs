//! Formatting codes of IRC clients (colours, bold, and so on), which mean nothing elsewhere. It must never touch anything else.

/// A text without formatting codes.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Bold, reset, monospace, reverse, italic, strikethrough, underline.
            '\x02' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f' => {}
            '\x03' => skip_colours(&mut chars, 2, char::is_ascii_digit),
            '\x04' => skip_colours(&mut chars, 6, char::is_ascii_hexdigit),
            c => out.push(c),
        }
    }
    out
}

/// Skips one colour, and a second behind a comma.
fn skip_colours(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    most: usize,
    is_digit: impl Fn(&char) -> bool,
) {
    let mut count = 0;
    while count < most && chars.next_if(&is_digit).is_some() {
        count += 1;
    }
    let mut ahead = chars.clone();
    if count == 0 || ahead.next() != Some(',') || !ahead.next().is_some_and(|c| is_digit(&c)) {
        return;
    }
    chars.next();
    for _ in 0..most {
        if chars.next_if(&is_digit).is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_and_text_stays() {
        assert_eq!(
            plain("\x02bold\x0f \x0304,05red\x03 \x031,x \x03,5 \x04ff0000hex \x1ditalic"),
            "bold red ,x ,5 hex italic"
        );
        assert_eq!(plain("a, 04 b\t"), "a, 04 b\t");
        assert_eq!(plain("\x03123"), "3");
    }
}
