//! Rust source without comments and without the contents of strings, so that rules see code only.
//!
//! It knows Rust's lexical forms, not its grammar; line breaks stay where they were.

/// Replaces comments and the contents of string and character literals by spaces.
pub(super) fn code_only(source: &str) -> String {
    let mut scrubber = Scrubber {
        rest: source,
        kept: String::with_capacity(source.len()),
    };
    while !scrubber.rest.is_empty() {
        scrubber.step();
    }
    scrubber.kept
}

/// The part of a file before its test module at the bottom.
pub(super) fn before_tests(source: &str) -> &str {
    let mut offset = 0;
    let mut lines = source.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if line.trim_end() == "#[cfg(test)]" && lines.peek().is_some_and(|next| opens_module(next))
        {
            return &source[..offset];
        }
        offset += line.len();
    }
    source
}

struct Scrubber<'a> {
    rest: &'a str,
    kept: String,
}

impl Scrubber<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(end);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some(end) = raw_string(self.rest).filter(|_| !self.inside_word()) {
            self.blank(end);
        } else if self.rest.starts_with('"') {
            self.blank(quoted(self.rest, '"'));
        } else if let Some(end) = character(self.rest) {
            self.blank(end);
        } else {
            let first = self
                .rest
                .chars()
                .next()
                .expect("the loop ends when nothing is left");
            self.kept.push(first);
            self.rest = &self.rest[first.len_utf8()..];
        }
    }

    /// Takes `length` bytes and keeps only their line breaks.
    fn blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.kept.extend(
            taken
                .chars()
                .map(|character| if character == '\n' { '\n' } else { ' ' }),
        );
        self.rest = rest;
    }

    fn inside_word(&self) -> bool {
        self.kept
            .ends_with(|last: char| last.is_alphanumeric() || last == '_')
    }
}

fn opens_module(line: &str) -> bool {
    line.starts_with("mod ") && line.trim_end().ends_with('{')
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a raw string such as `r#"..."#` that starts here.
fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = body.bytes().take_while(|byte| *byte == b'#').count();
    let opened = body[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let prefix = text.len() - opened.len();
    Some(
        opened
            .find(&closing)
            .map_or(text.len(), |end| prefix + end + closing.len()),
    )
}

/// The length of a literal that starts with `quote` and may hold escapes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

/// The length of a character literal that starts here; `None` for a lifetime or a label.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut characters = body.chars();
    let first = characters.next()?;
    (first == '\\' || characters.next() == Some('\'')).then(|| quoted(text, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expect: &str) {
        let squeezed = code_only(source)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(squeezed, expect, "{source}");
    }

    #[test]
    fn comments_go() {
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("a /* never closed", "a");
        check("/// doc\nfn a() {}", "fn a() {}");
    }

    #[test]
    fn literals_go() {
        check(r#"f("a \" b", c)"#, "f( , c)");
        check(r##"f(r#"a " b"#, c)"##, "f( , c)");
        check(r#"f(br"a", b"c", d)"#, "f( , b , d)");
        check(r"f('a', '\'', '\u{1F600}', b'x')", "f( , , , b )");
        check("f(\"// no comment\") // comment", "f( )");
    }

    #[test]
    fn lifetimes_and_names_stay() {
        check("fn a<'b>(c: &'b str) {}", "fn a<'b>(c: &'b str) {}");
        check("for r in bar {}", "for r in bar {}");
        check("'outer: loop {}", "'outer: loop {}");
    }

    #[test]
    fn line_numbers_stay() {
        assert_eq!(code_only("\"a\nb\" /* \n */ c").lines().count(), 3);
    }

    #[test]
    fn test_module_at_the_bottom_is_cut_off() {
        let declared = "#[cfg(test)]\nmod a;\nfn b() {}\n";
        assert_eq!(before_tests(declared), declared);
        assert_eq!(
            before_tests("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n"),
            "fn a() {}\n"
        );
        assert_eq!(
            before_tests("#[cfg(test)]\nuse a;\nfn b() {}\n"),
            "#[cfg(test)]\nuse a;\nfn b() {}\n"
        );
    }
}
