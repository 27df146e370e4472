//! What tells one message from all others where the server gives it a time but no id.
//!
//! The history may tell a message's time in whole seconds that came with thousandths when it was said; the id therefore holds the second
//! and how many equal ones came before it in that second. It must never be the same for two messages of one telling.

use std::collections::VecDeque;

/// Messages of which the number in their second is remembered.
const REMEMBERED_MAX: usize = 256;

/// Makes ids for one room.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    seen: VecDeque<(String, u32)>,
}

impl Identities {
    /// The id of the next message with this time, author and text.
    pub(crate) fn next(&mut self, at_ms: i64, nick: &str, text: &str) -> String {
        let base = format!("{}-{:016x}", at_ms.div_euclid(1000), hash(nick, text));
        if let Some((_, count)) = self.seen.iter_mut().find(|(known, _)| *known == base) {
            *count += 1;
            return format!("{base}-{count}");
        }
        if self.seen.len() == REMEMBERED_MAX {
            self.seen.pop_front();
        }
        self.seen.push_back((base.clone(), 0));
        format!("{base}-0")
    }
}

/// FNV-1a: stable over versions of this program and its compiler, since ids outlive both. It guards against mishap, not against malice:
/// whoever makes two of their own messages collide has one of them not told.
fn hash(nick: &str, text: &str) -> u64 {
    let bytes = nick
        .bytes()
        .map(|b| b.to_ascii_lowercase())
        .chain([0])
        .chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_gives_the_same_ids_as_the_live_room() {
        let said = [
            (5_100, "a", "hi"),
            (5_200, "a", "hi"),
            (5_300, "b", "hi"),
            (6_000, "a", "hi"),
        ];
        let ids = |cut: i64| {
            let mut identities = Identities::default();
            said.map(|(at, nick, text)| identities.next(at / cut * cut, nick, text))
        };
        assert_eq!(ids(1), ids(1000));
        let mut unique = ids(1).to_vec();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), said.len());
    }

    #[test]
    fn ids_do_not_change_with_the_program() {
        assert_eq!(
            Identities::default().next(5_000, "A", "b"),
            "5-e5d29919042666b2-0"
        );
    }
}
