//! One line of IRC, read and written (RFC 2812 section 2.3.1, with `IRCv3` tags).
//!
//! What arrives may be anything and is read as far as it goes. What is written must never be more than one line, and a parameter must
//! never become two.

use thiserror::Error;

use crate::tags;

/// Most parameters of one line that are kept; RFC 2812 allows 15.
const PARAMETERS_MAX: usize = 32;

/// A line that cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineError {
    /// There is no command.
    #[error("the line has no command")]
    NoCommand,
    /// A parameter, or the command, holds what ends it: a line end, NUL, or a blank before the last parameter.
    #[error("a parameter holds a character that would end it")]
    Breaks,
}

/// One line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Tags, by key.
    pub tags: Vec<(String, String)>,
    /// Who it comes from.
    pub source: Option<Source>,
    /// The command in capitals, or three digits.
    pub command: String,
    /// The parameters, the trailing one without its colon.
    pub params: Vec<String>,
}

/// Who a line comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The nickname, or the server's name.
    pub name: String,
    /// The user name, where one was given.
    pub user: Option<String>,
    /// The host, where one was given.
    pub host: Option<String>,
}

impl Line {
    /// Reads a line without its end. Text that is not UTF-8 is read as Latin-1, parameter by parameter.
    pub fn parse(bytes: &[u8]) -> Result<Self, LineError> {
        let mut rest = trim_start(bytes);
        let mut line = Self {
            tags: Vec::new(),
            source: None,
            command: String::new(),
            params: Vec::new(),
        };
        if let Some(tags) = rest.strip_prefix(b"@") {
            let (tags, behind) = word(tags);
            line.tags = tags::parse(&decode(tags));
            rest = behind;
        }
        if let Some(source) = rest.strip_prefix(b":") {
            let (source, behind) = word(source);
            line.source = Some(Source::parse(&decode(source)));
            rest = behind;
        }
        let (command, mut rest) = word(rest);
        if command.is_empty() || !command.iter().all(u8::is_ascii_alphanumeric) {
            return Err(LineError::NoCommand);
        }
        line.command = decode(command).to_ascii_uppercase();
        while !rest.is_empty() && line.params.len() < PARAMETERS_MAX {
            if let Some(trailing) = rest.strip_prefix(b":") {
                line.params.push(decode(trailing));
                break;
            }
            let (param, behind) = word(rest);
            line.params.push(decode(param));
            rest = behind;
        }
        Ok(line)
    }

    /// A parameter; empty where there is none.
    pub fn param(&self, index: usize) -> &str {
        self.params.get(index).map_or("", String::as_str)
    }

    /// The last parameter, which holds the words; empty where there is none.
    pub fn last(&self) -> &str {
        self.params.last().map_or("", String::as_str)
    }

    /// A tag's value.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let found = self.tags.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// The number of a numeric reply.
    pub fn numeric(&self) -> Option<u16> {
        if self.command.len() == 3 {
            self.command.parse().ok()
        } else {
            None
        }
    }
}

impl Source {
    /// Reads `nick!user@host`, `nick@host`, or a mere name.
    pub fn parse(text: &str) -> Self {
        let (rest, host) = match text.split_once('@') {
            Some((rest, host)) => (rest, Some(host.to_owned())),
            None => (text, None),
        };
        let (name, user) = match rest.split_once('!') {
            Some((name, user)) => (name, Some(user.to_owned())),
            None => (rest, None),
        };
        Self {
            name: name.to_owned(),
            user,
            host,
        }
    }

    /// Whether it is a server and no user.
    pub fn is_server(&self) -> bool {
        self.user.is_none() && self.host.is_none() && self.name.contains('.')
    }
}

/// Writes a command with parameters; the last one may hold blanks and be empty. The line has no end yet.
pub fn write(command: &str, params: &[&str]) -> Result<String, LineError> {
    let breaks = |text: &str| text.contains(['\r', '\n', '\0']);
    if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(LineError::NoCommand);
    }
    let mut line = command.to_owned();
    for (index, param) in params.iter().enumerate() {
        let is_last = index + 1 == params.len();
        let needs_colon = param.is_empty() || param.starts_with(':') || param.contains(' ');
        if breaks(param) || (needs_colon && !is_last) {
            return Err(LineError::Breaks);
        }
        line.push(' ');
        if is_last && (needs_colon || params.len() > 1) {
            line.push(':');
        }
        line.push_str(param);
    }
    Ok(line)
}

/// Text of bytes: UTF-8, else Latin-1, of which every byte is a character.
pub(crate) fn decode(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|&&byte| byte == b' ').count();
    &bytes[blanks..]
}

/// The next word, and what stands behind the blanks after it.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(bytes.len());
    (&bytes[..end], trim_start(&bytes[end..]))
}

#[cfg(test)]
mod tests;
