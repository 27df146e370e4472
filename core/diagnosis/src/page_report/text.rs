//! Texts of a page, made harmless to read: short, on one line, and without queries and secrets.

use crate::redact::Redactor;

/// A text without control characters, without what hides or turns text around, without the queries of its URLs and
/// without what looks like a token, cut at [`TEXT_CHARACTERS_MAX`].
pub(super) fn plain(text: &str) -> String {
    let shown = text.chars().take(READ_CHARACTERS_MAX);
    let shown: String = shown.filter(|one| !is_hidden(*one)).collect();
    let redactor = Redactor::default();
    let words: Vec<String> = shown
        .split(' ')
        .map(|word| {
            if word.contains("://") || word.starts_with('/') {
                let end = word.find(['?', '#']).unwrap_or(word.len());
                redactor.url(&word[..end])
            } else {
                word.to_owned()
            }
        })
        .collect();
    let shown = redactor.text(&words.join(" "));
    shown.chars().take(TEXT_CHARACTERS_MAX).collect()
}

/// Control characters, and those that change the direction of what follows or cannot be seen.
fn is_hidden(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What is kept of a text.
const TEXT_CHARACTERS_MAX: usize = 256;

/// What is looked at of a text: a secret that the end would cut apart must still be seen whole.
const READ_CHARACTERS_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_one_short_line() {
        assert_eq!(plain("a\u{0}b\r\nc\u{1b}[31m\u{202e}d"), "abc[31md");
        assert_eq!(plain(&"\u{fc}".repeat(10_000)).chars().count(), 256);
        assert_eq!(
            plain("<script>alert(1)</script>"),
            "<script>alert(1)</script>"
        );
    }

    #[test]
    fn urls_lose_queries_fragments_and_credentials() {
        assert_eq!(
            plain("got https://me:pw@app.example/x?token=abc#f instead"),
            "got https://app.example/x instead"
        );
        assert_eq!(plain("/path?session=1"), "/path");
    }

    #[test]
    fn a_token_goes_even_where_the_cut_would_part_it() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlLWJ5dGVz";
        let shown = plain(&format!("{} {token}", "x".repeat(240)));
        assert!(!shown.contains("eyJ"), "{shown}");
    }
}
