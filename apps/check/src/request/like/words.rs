//! A pasted command line as words, as the shell it was made for would part them.
//!
//! Nothing is expanded or run: variables, globs and substitutions stay as they stand.

/// Which shell a command was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// bash, zsh and their kind.
    Posix,
    /// The command prompt of Windows.
    Cmd,
}

impl Shell {
    /// Only the command prompt escapes with carets.
    pub(super) fn of(command: &str) -> Self {
        let carets = ["^\"", "^\n", "^\r\n"];
        if carets.iter().any(|mark| command.contains(mark)) {
            Self::Cmd
        } else {
            Self::Posix
        }
    }
}

/// Parts a command; an error where a quotation does not end.
pub(super) fn split(command: &str, shell: Shell) -> Result<Vec<String>, String> {
    match shell {
        Shell::Posix => posix(command),
        Shell::Cmd => cmd(command),
    }
}

const UNENDED: &str = "a quotation in the command does not end; was it copied whole?";

fn posix(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('\n') | None => {}
                Some('\r') => {
                    rest.next_if_eq(&'\n');
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '\'' => word
                .get_or_insert_default()
                .push_str(&until_quote(&mut rest)?),
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                ansi_quoted(&mut rest, word.get_or_insert_default())?;
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn until_quote(rest: &mut Rest<'_>) -> Result<String, String> {
    let mut text = String::new();
    for c in rest {
        if c == '\'' {
            return Ok(text);
        }
        text.push(c);
    }
    Err(UNENDED.to_owned())
}

fn double_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), String> {
    while let Some(c) = rest.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match rest.next().ok_or(UNENDED)? {
                '\n' => {}
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            c => word.push(c),
        }
    }
    Err(UNENDED.to_owned())
}

/// `$'…'`, which browsers use where a value holds quotes or other bytes.
fn ansi_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), String> {
    while let Some(c) = rest.next() {
        match c {
            '\'' => return Ok(()),
            '\\' => match rest.next().ok_or(UNENDED)? {
                'n' => word.push('\n'),
                'r' => word.push('\r'),
                't' => word.push('\t'),
                'x' => word.extend(by_number(rest, 2)),
                'u' => word.extend(by_number(rest, 4)),
                other => word.push(other),
            },
            c => word.push(c),
        }
    }
    Err(UNENDED.to_owned())
}

fn by_number(rest: &mut Rest<'_>, digits: u32) -> Option<char> {
    let mut number = 0;
    for _ in 0..digits {
        let Some(digit) = rest
            .next_if(char::is_ascii_hexdigit)
            .and_then(|c| c.to_digit(16))
        else {
            break;
        };
        number = number * 16 + digit;
    }
    char::from_u32(number)
}

/// First the carets go, then quotation marks part the words as C programs do.
fn cmd(command: &str) -> Result<Vec<String>, String> {
    let mut plain = String::new();
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '^' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            // A line continues; an empty line between carets is a line break within a value.
            Some('\r') => {
                rest.next_if_eq(&'\n');
            }
            Some('\n') | None => {}
            Some(escaped) => plain.push(escaped),
        }
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut rest = plain.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek() == Some(&'"') || (quoted && rest.peek() == Some(&'\\')) => {
                word.get_or_insert_default().extend(rest.next());
            }
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        return Err(UNENDED.to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, expected: &[&str]) {
        let words = split(command, Shell::of(command));
        assert_eq!(
            words.unwrap_or_else(|error| panic!("{command}: {error}")),
            expected,
            "{command}"
        );
    }

    #[test]
    fn posix_words() {
        check("a  b\tc\nd", &["a", "b", "c", "d"]);
        check(r"a 'b c' d\ e", &["a", "b c", "d e"]);
        check("curl 'x' \\\n  -H 'A: b'", &["curl", "x", "-H", "A: b"]);
        check(r#"a "b \"c\" \d $e""#, &["a", r#"b "c" \d $e"#]);
        check(r"a $'it\'s \u0021\x41'", &["a", "it's !A"]);
        check(r"'a'\''b'", &["a'b"]);
        check("''", &[""]);
        check("", &[]);
    }

    #[test]
    fn command_prompt_words() {
        check(
            "curl ^\"wss://h/x?a=1^&b=2^\" ^\r\n  -H ^\"A: ^\\^\"b^\\^\"^\"",
            &["curl", "wss://h/x?a=1&b=2", "-H", "A: \"b\""],
        );
        check(
            "curl \"x\" ^\n -H \"A: \"\"b\"\"\"",
            &["curl", "x", "-H", "A: \"b\""],
        );
        check("a ^^ ^\"b^\"", &["a", "^", "b"]);
    }

    #[test]
    fn an_unended_quotation_is_an_error() {
        for command in ["'a", "\"a", "$'a", "\"a\\", "^\"a"] {
            assert!(split(command, Shell::of(command)).is_err(), "{command}");
        }
    }
}
