//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).
//!
//! Only syntax: a name that means nothing is as good as one that does.

use super::Extension;
use thiserror::Error;

/// A `Sec-WebSocket-Extensions` header that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("the extension header cannot be read from byte {at} on")]
pub struct ExtensionSyntaxError {
    /// Place of the first unexpected byte in the header value.
    pub at: usize,
}

/// A token of HTTP: visible ASCII without separators.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Reads a header value; join repeated headers with a comma first. Empty elements are skipped, as in
/// every list header of HTTP, so an empty value gives an empty list.
pub fn parse_extensions(value: &str) -> Result<Vec<Extension>, ExtensionSyntaxError> {
    let mut reader = Reader {
        bytes: value.as_bytes(),
        at: 0,
    };
    let mut extensions = Vec::new();
    loop {
        reader.skip_space();
        match reader.peek() {
            None => return Ok(extensions),
            Some(b',') => reader.at += 1,
            Some(_) => {
                extensions.push(reader.extension()?);
                if !matches!(reader.peek(), None | Some(b',')) {
                    return Err(reader.error());
                }
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn extension(&mut self) -> Result<Extension, ExtensionSyntaxError> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        self.skip_space();
        while self.peek() == Some(b';') {
            self.at += 1;
            self.skip_space();
            let parameter = self.token()?;
            self.skip_space();
            let value = if self.peek() == Some(b'=') {
                self.at += 1;
                self.skip_space();
                Some(if self.peek() == Some(b'"') {
                    self.quoted()?
                } else {
                    self.token()?
                })
            } else {
                None
            };
            self.skip_space();
            parameters.push((parameter, value));
        }
        Ok(Extension { name, parameters })
    }

    fn token(&mut self) -> Result<String, ExtensionSyntaxError> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| is_token_byte(**byte)).count();
        if length == 0 {
            return Err(self.error());
        }
        self.at += length;
        Ok(rest[..length]
            .iter()
            .map(|byte| char::from(*byte))
            .collect())
    }

    fn quoted(&mut self) -> Result<String, ExtensionSyntaxError> {
        self.at += 1;
        let mut value = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.error()),
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    value.push(self.peek().ok_or(self.error())?);
                }
                Some(byte) => value.push(byte),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(String::from_utf8_lossy(&value).into_owned())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn error(&self) -> ExtensionSyntaxError {
        ExtensionSyntaxError { at: self.at }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(value: &str) -> Vec<String> {
        parse_extensions(value)
            .expect(value)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn lists_parameters_and_quotes_are_read() {
        assert_eq!(names(""), Vec::<String>::new());
        assert_eq!(names(" , ,"), Vec::<String>::new());
        assert_eq!(
            names("permessage-deflate; client_max_window_bits, foo;a=\"1\" ; b = 2,bar"),
            [
                "permessage-deflate; client_max_window_bits",
                "foo; a=1; b=2",
                "bar"
            ]
        );
        assert_eq!(names(r#"x; a="p, q\"; r""#), [r#"x; a="p, q\"; r""#]);
    }

    #[test]
    fn broken_syntax_is_placed() {
        for (value, at) in [
            ("a b", 2),
            ("a;", 2),
            ("a; =1", 3),
            ("a; b=", 5),
            ("a; b=\"x", 7),
            ("\u{e9}", 0),
        ] {
            assert_eq!(
                parse_extensions(value),
                Err(ExtensionSyntaxError { at }),
                "{value}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_reads_again(value in "[ -~]{0,40}|[a-c;=,\" ]{0,24}") {
            if let Ok(extensions) = parse_extensions(&value) {
                let written: Vec<String> = extensions.iter().map(ToString::to_string).collect();
                prop_assert_eq!(parse_extensions(&written.join(", ")), Ok(extensions));
            }
        }
    }
}
