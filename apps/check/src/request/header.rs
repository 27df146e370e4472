//! Header lines as curl takes them.

use towpath_diagnosis::observation::Header;

use super::file;
use crate::usage::UsageError;

/// Reads all `-H` options; `@file` stands for the lines of a file. An empty value removes a header.
pub(crate) fn read_all(options: &[String]) -> Result<Vec<Header>, UsageError> {
    let mut headers = Vec::new();
    for option in options {
        match option.strip_prefix('@') {
            Some(path) => {
                let text = file::text("--header", path, file::SMALL_BYTES_MAX)?;
                for line in text.lines().filter(|line| !line.trim().is_empty()) {
                    headers.push(read(line)?);
                }
            }
            None => headers.push(read(option)?),
        }
    }
    Ok(headers)
}

fn read(line: &str) -> Result<Header, UsageError> {
    let wrong = |problem| UsageError::Header {
        // What follows the colon may be secret.
        line: line
            .split(':')
            .next()
            .unwrap_or_default()
            .chars()
            .take(60)
            .collect(),
        problem,
    };
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| wrong("it has no colon"))?;
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return Err(wrong("its name is not one word"));
    }
    let value = value.trim_matches([' ', '\t']);
    if value.contains(|c: char| c.is_control() && c != '\t') {
        return Err(wrong("its value holds a control character"));
    }
    Ok(Header {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

/// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Takes the headers of one name out; the value of the last one.
pub(crate) fn take(headers: &mut Vec<Header>, name: &str) -> Option<String> {
    let mut taken = None;
    headers.retain(|header| {
        let same = header.name.eq_ignore_ascii_case(name);
        if same {
            taken = Some(header.value.clone());
        }
        !same
    });
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let headers =
            read_all(&["X-One:  two ".into(), "Sec-WebSocket-Extensions:".into()]).unwrap();
        assert_eq!(headers[0].value, "two");
        assert_eq!(headers[1].value, "");
    }

    #[test]
    fn lines_that_are_none_are_refused_without_their_value() {
        for line in ["no colon", ": x", "a b: x", "X: a\r\nY: b", "Ä: b"] {
            let error = read_all(&[line.to_owned()]).expect_err(line);
            assert!(error.to_string().contains("-H 'Name: value'"), "{error}");
        }
        let error = read_all(&["Bad Name: hunter2".into()]).expect_err("two words");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read_all(&["@/nonexistent/headers".into()]).expect_err("no such file");
        assert!(error.to_string().contains("/nonexistent/headers"));
    }
}
