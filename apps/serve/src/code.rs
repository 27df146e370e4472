//! Short codes: eight letters and digits that can be said over the phone.
//!
//! A code names a session or a run of the check page. It opens nothing, so it must never stand for a proof.

/// A new code, without its dash.
pub(crate) fn code() -> Box<str> {
    letters(CODE_LETTERS)
}

/// So many random letters and digits, of five bits each.
pub(crate) fn letters(count: usize) -> Box<str> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte % 32)]);
    bytes.into_iter().map(letter).collect::<String>().into()
}

/// The code as people read it: `k3m9-p2xq`.
pub(crate) fn written(code: &str) -> String {
    match code.split_at_checked(CODE_LETTERS / 2) {
        Some((first, second)) if !second.is_empty() => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}

/// The code in what somebody typed: with or without dash, in either case. Letters that are in no code because
/// they are taken for others are those others.
pub(crate) fn read(text: &str) -> Option<Box<str>> {
    if text.len() > TYPED_BYTES_MAX {
        return None;
    }
    let kept = text.chars().filter(|letter| !" -".contains(*letter));
    let code: String = kept
        .map(|letter| match letter.to_ascii_lowercase() {
            'i' | 'l' => '1',
            'o' => '0',
            other => other,
        })
        .collect();
    let is_code =
        code.len() == CODE_LETTERS && code.bytes().all(|letter| LETTERS.contains(&letter));
    is_code.then(|| code.into())
}

/// Letters of a code.
const CODE_LETTERS: usize = 8;

/// More is no code, however it is spaced.
const TYPED_BYTES_MAX: usize = 64;

/// Without those that are taken for one another.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_can_be_said_written_and_typed() {
        let code = code();
        assert_eq!(code.len(), 8);
        assert!(code.bytes().all(|letter| LETTERS.contains(&letter)));
        assert_eq!(read(&written(&code)), Some(code));
        assert_eq!(written("k3m9p2xq"), "k3m9-p2xq");
        assert_eq!(read(" K3M9 - P2XQ ").as_deref(), Some("k3m9p2xq"));
        assert_eq!(read("lOi9-p2xq").as_deref(), Some("1019p2xq"));
        for bad in ["", "k3m9", "k3m9-p2xqq", "k3m9-p2x\u{fc}", "k3m9-p2x<"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&" ".repeat(1000)), None);
        assert_eq!(written("\u{fc}\u{fc}\u{fc}"), "\u{fc}\u{fc}-\u{fc}");
        assert_eq!(written("k3"), "k3");
    }
}
