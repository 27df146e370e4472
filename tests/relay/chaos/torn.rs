//! What the IRC server told the relay and not the witness, or the other way round, because it was killed between the two.
//!
//! It tells all in a room the same in one order, each by a connection of its own. So what one of two was told in a life of the server is
//! the beginning of what the other was told, and only the end of a life can be torn. It must never take anything else for torn: a hole
//! in the middle, more than can be under way at once, or something said by a server that was not killed.

use std::collections::{BTreeMap, BTreeSet};

use towpath_tests::support::irc::Said;

/// What was torn, over all lives of the server.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Torn {
    /// The relay had its proof, or heard somebody, and the witness heard nothing of it.
    pub(super) relay_only: Vec<Said>,
    /// The witness heard it, and nobody told the relay.
    pub(super) witness_only: Vec<Said>,
}

/// What one was told in one life, by the server's own numbers.
type Told<'a> = BTreeMap<u64, &'a Said>;

impl Torn {
    /// Compares what both were told, or says what no death of the server explains. The newest life is the one that was not ended.
    pub(super) fn of(relay: &[Said], witness: &[Said]) -> Result<Self, String> {
        let (relay, witness) = (by_life(relay)?, by_life(witness)?);
        let lives: BTreeSet<u64> = relay.keys().chain(witness.keys()).copied().collect();
        let newest = lives.last().copied();
        let nothing = Told::new();
        let mut torn = Self::default();
        for life in lives {
            let relay = relay.get(&life).unwrap_or(&nothing);
            let witness = witness.get(&life).unwrap_or(&nothing);
            let mut both = relay.keys().filter(|number| witness.contains_key(number));
            let both_until = both.next_back().copied();
            let relay_only = end_of(relay, witness, both_until)?;
            let witness_only = end_of(witness, relay, both_until)?;
            let is_over = Some(life) != newest;
            let is_torn = !relay_only.is_empty() || !witness_only.is_empty();
            if is_torn && !is_over {
                return Err(format!(
                    "life {life} of the server is not over, and told the relay alone {relay_only:?}, the witness alone {witness_only:?}"
                ));
            }
            if !relay_only.is_empty() && !witness_only.is_empty() {
                return Err(format!(
                    "in life {life} of the server each heard what the other did not: the relay {relay_only:?}, the witness {witness_only:?}"
                ));
            }
            torn.relay_only.extend(relay_only);
            torn.witness_only.extend(witness_only);
        }
        Ok(torn)
    }
}

fn by_life(told: &[Said]) -> Result<BTreeMap<u64, Told<'_>>, String> {
    let mut lives: BTreeMap<u64, Told<'_>> = BTreeMap::new();
    for said in told {
        let (life, number) = place(said).ok_or_else(|| format!("no identity: {said:?}"))?;
        lives.entry(life).or_default().insert(number, said);
    }
    Ok(lives)
}

/// When this life of the server began, and how many messages it had seen: its identities are made of both.
fn place(said: &Said) -> Option<(u64, u64)> {
    let mut parts = said.id.as_deref()?.rsplit('~');
    let number = parts.next()?.parse().ok()?;
    let life = parts.next()?.parse().ok()?;
    Some((life, number))
}

/// What one heard of a life and the other did not, behind all that both heard.
fn end_of(one: &Told<'_>, other: &Told<'_>, both_until: Option<u64>) -> Result<Vec<Said>, String> {
    let alone = one.iter().filter(|(number, _)| !other.contains_key(number));
    let alone: Vec<(u64, &Said)> = alone.map(|(number, said)| (*number, *said)).collect();
    let is_hole = |(number, _): &&(u64, &Said)| both_until.is_some_and(|until| *number < until);
    if let Some((_, said)) = alone.iter().find(is_hole) {
        return Err(format!("one did not hear {said:?}, but what came later"));
    }
    if alone.len() > UNDER_WAY_MAX {
        return Err(format!("one did not hear {alone:?}, which is too much"));
    }
    Ok(alone.into_iter().map(|(_, said)| said.clone()).collect())
}

/// What can be under way in the room at once: the relay waits for each line's proof, and the talker until the witness heard it.
const UNDER_WAY_MAX: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: &str) -> Said {
        Said {
            nick: "towpath".to_owned(),
            command: "PRIVMSG".to_owned(),
            room: "#lounge".to_owned(),
            text: format!("message {id}"),
            id: Some(format!("1LA~{id}")),
            is_history: false,
        }
    }

    fn torn(relay: &[&str], witness: &[&str]) -> Result<Torn, String> {
        let all = |ids: &[&str]| ids.iter().map(|id| said(id)).collect::<Vec<_>>();
        Torn::of(&all(relay), &all(witness))
    }

    #[test]
    fn the_end_of_a_life_may_be_torn() {
        let expected = Torn {
            relay_only: vec![said("100~3")],
            witness_only: vec![said("200~1")],
        };
        let found = torn(
            &["100~1", "100~3", "300~0"],
            &["100~1", "200~1", "300~0", "300~0"],
        );
        assert_eq!(found, Ok(expected));
        assert_eq!(torn(&["9~1"], &["9~1"]), Ok(Torn::default()));
    }

    #[test]
    fn nothing_else_is() {
        let hole = torn(&["100~1", "100~2", "100~3", "200~0"], &["100~1", "100~3"]);
        assert!(hole.is_err_and(|why| why.contains("what came later")));
        let alive = torn(&["100~1"], &[]);
        assert!(alive.is_err_and(|why| why.contains("not over")));
        let much = torn(&["100~1", "100~2", "100~3", "200~0"], &["200~0"]);
        assert!(much.is_err_and(|why| why.contains("too much")));
        let both = torn(&["100~1", "200~0"], &["100~2", "200~0"]);
        assert!(both.is_err_and(|why| why.contains("each")));
    }
}
