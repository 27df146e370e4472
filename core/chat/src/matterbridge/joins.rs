//! Who came and who left, out of the sentences that Matterbridge's bridges make of it (`alice joins`, `bob quits with message: bye`).

use crate::message::Kind;

/// One who came or left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moved {
    /// The name, empty where the sentence has none.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Why, where the sentence says it.
    pub(super) reason: String,
}

/// Reads such a sentence; `None` where it says neither.
pub(super) fn read(text: &str) -> Option<Moved> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (place, kind) = words.iter().enumerate().find_map(|(place, word)| {
        let word = word.trim_end_matches(['.', ':', ',', '!']);
        Some((place, kind(&word.to_ascii_lowercase())?))
    })?;
    let mut name = &words[..place];
    while let Some((last, rest)) = name.split_last() {
        // `alice (user@host) joins`, `alice has joined`.
        let is_host = last.starts_with('(') && last.ends_with(')');
        if !is_host && !matches!(*last, "has" | "was") {
            break;
        }
        name = rest;
    }
    let rest = words[place + 1..].join(" ");
    let reason = rest.strip_prefix("with message:").map(str::trim);
    Some(Moved {
        name: name.join(" "),
        kind,
        reason: reason.unwrap_or_default().to_owned(),
    })
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "join" | "joins" | "joined" | "added" => Some(Kind::Join),
        "part" | "parts" | "parted" | "leave" | "leaves" | "left" | "quit" | "quits" | "kick"
        | "kicks" | "kicked" | "removed" => Some(Kind::Leave),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_of_bridges_are_read() {
        let check = |text: &str, name: &str, kind: Kind, reason: &str| {
            let moved = read(text).unwrap_or_else(|| panic!("nothing in {text}"));
            let expected = (name.to_owned(), kind, reason.to_owned());
            assert_eq!((moved.name, moved.kind, moved.reason), expected, "{text}");
        };
        check("alice joins", "alice", Kind::Join, "");
        check("alice (~a@host.example) parts", "alice", Kind::Leave, "");
        check(
            "bob quits with message: so long",
            "bob",
            Kind::Leave,
            "so long",
        );
        check("bob has left the channel.", "bob", Kind::Leave, "");
        check("joined chat", "", Kind::Join, "");
        check("Mary Ann joined.", "Mary Ann", Kind::Join, "");
    }

    #[test]
    fn another_sentence_says_neither() {
        assert_eq!(read("the channel was renamed"), None);
        assert_eq!(read(""), None);
    }
}
