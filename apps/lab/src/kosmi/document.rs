//! Reading a GraphQL document: operations with one selection, as far as clients of the stand-in write them.
//!
//! Fragments, directives and literals other than text are not understood, and are refused rather than guessed.

/// One operation of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    /// `query`, `mutation` or `subscription`.
    pub(super) kind: String,
    pub(super) name: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// A field with what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Under which name it is answered.
    pub(super) alias: String,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Argument)>,
    pub(super) fields: Vec<Self>,
}

/// What stands for an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    /// A variable's name.
    Variable(String),
    /// A text, or a word such as `null` as it stands there.
    Literal(String),
}

/// The operations of a document, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Operation>, String> {
    let mut words = Words {
        words: split(text)?,
        at: 0,
    };
    let mut operations = Vec::new();
    while let Some(word) = words.peek() {
        let kind = match word {
            "{" => "query".to_owned(),
            "query" | "mutation" | "subscription" => words.next()?,
            other => return Err(format!("Syntax Error: Unexpected {other}.")),
        };
        let name = match words.peek() {
            Some("{" | "(") | None => None,
            Some(_) => Some(words.next()?),
        };
        if words.peek() == Some("(") {
            words.skip_brackets()?;
        }
        operations.push(Operation {
            kind,
            name,
            fields: words.selection(1)?,
        });
    }
    Ok(operations)
}

struct Words {
    words: Vec<String>,
    at: usize,
}

impl Words {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Result<String, String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| "Syntax Error: Unexpected <EOF>.".to_owned())
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        match self.next()? {
            word if word == expected => Ok(()),
            word => Err(format!("Syntax Error: Expected {expected}, found {word}.")),
        }
    }

    /// What the variables' types are is left to the values.
    fn skip_brackets(&mut self) -> Result<(), String> {
        while self.next()? != ")" {}
        Ok(())
    }

    fn selection(&mut self, depth: usize) -> Result<Vec<Field>, String> {
        if depth > DEPTH_MAX {
            return Err("the selection is too deep".to_owned());
        }
        self.expect("{")?;
        let mut fields = Vec::new();
        while self.peek() != Some("}") {
            fields.push(self.field(depth)?);
        }
        self.expect("}")?;
        Ok(fields)
    }

    fn field(&mut self, depth: usize) -> Result<Field, String> {
        let alias = self.name()?;
        let name = if self.peek() == Some(":") {
            self.next()?;
            self.name()?
        } else {
            alias.clone()
        };
        let arguments = if self.peek() == Some("(") {
            self.arguments()?
        } else {
            Vec::new()
        };
        let fields = if self.peek() == Some("{") {
            self.selection(depth + 1)?
        } else {
            Vec::new()
        };
        Ok(Field {
            alias,
            name,
            arguments,
            fields,
        })
    }

    fn arguments(&mut self) -> Result<Vec<(String, Argument)>, String> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while self.peek() != Some(")") {
            let name = self.name()?;
            self.expect(":")?;
            let value = self.next()?;
            let value = match (value.strip_prefix('$'), value.strip_prefix('"')) {
                (Some(variable), _) => Argument::Variable(variable.to_owned()),
                (_, Some(text)) => Argument::Literal(text.trim_end_matches('"').to_owned()),
                _ => Argument::Literal(value),
            };
            arguments.push((name, value));
        }
        self.expect(")")?;
        Ok(arguments)
    }

    fn name(&mut self) -> Result<String, String> {
        let word = self.next()?;
        let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name
            .then_some(word.clone())
            .ok_or_else(|| format!("Syntax Error: Expected Name, found {word}."))
    }
}

/// The words of a document. A text keeps its opening quotation mark, a variable its dollar.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(IGNORED);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                rest = rest.trim_start_matches(IGNORED);
                continue;
            }
            '{' | '}' | '(' | ')' | ':' | '!' | '[' | ']' | '=' => 1,
            '"' => rest[1..]
                .find('"')
                .map(|end| end + 2)
                .ok_or("Syntax Error: Unterminated string.")?,
            c if is_word(c) => {
                let more = rest[1..].find(|c: char| !is_word(c));
                more.map_or(rest.len(), |end| end + 1)
            }
            other => return Err(format!("Syntax Error: Unexpected character {other:?}.")),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start_matches(IGNORED);
        if words.len() > WORDS_MAX {
            return Err("the document is too long".to_owned());
        }
    }
    Ok(words)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-')
}

const IGNORED: [char; 5] = [' ', '\t', '\r', '\n', ','];
const DEPTH_MAX: usize = 16;
const WORDS_MAX: usize = 4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_read_whole() {
        let read = parse(
            "# says it\nmutation Say($body: String!, $n: [Int] = 3) { a: say(body: $body, in: \"x\") { ok } }",
        )
        .unwrap();
        let [operation] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(operation.kind, "mutation");
        assert_eq!(operation.name.as_deref(), Some("Say"));
        let field = &operation.fields[0];
        assert_eq!((field.alias.as_str(), field.name.as_str()), ("a", "say"));
        assert_eq!(
            field.arguments,
            [
                ("body".to_owned(), Argument::Variable("body".to_owned())),
                ("in".to_owned(), Argument::Literal("x".to_owned()))
            ]
        );
        assert_eq!(field.fields[0].name, "ok");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "{",
            "{ a { ...b } }",
            "fragment a on B { c }",
            "{ a(b: \"c) }",
            "€",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
