//! Finds the least difference between a request that works and one that does not.
//!
//! A pure search (delta debugging): it is told what came of the sets of differences that were tried
//! and names the next set to try, or the least set that still works. It knows nothing of headers.

/// Where a search stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<T> {
    /// Try the failing request with these differences.
    Try(Vec<T>),
    /// These differences make it work, and none of the smaller sets tried does.
    Least(Vec<T>),
}

/// The next step, where all differences together are known to work.
///
/// `worked` tells what came of a set, in the order in which this function names it: `None` where it
/// was not tried. A set of one that works ends the search at once; with n differences of which one
/// matters it takes at most 2 log2(n) tries.
pub fn step<T: Clone>(all: &[T], worked: impl Fn(&[T]) -> Option<bool>) -> Step<T> {
    let mut current = all.to_vec();
    let mut parts = 2;
    while current.len() > 1 {
        let pieces = split(&current, parts);
        let candidates = pieces.iter().map(|piece| (piece.clone(), 2)).chain(
            // With two pieces the complement of one is the other, which was tried already.
            (0..pieces.len())
                .filter(|_| parts > 2)
                .map(|left_out| (without(&pieces, left_out), parts - 1)),
        );
        let mut next = None;
        for (candidate, parts_then) in candidates {
            match worked(&candidate) {
                None => return Step::Try(candidate),
                Some(true) => {
                    next = Some((candidate, parts_then));
                    break;
                }
                Some(false) => {}
            }
        }
        match next {
            Some((smaller, parts_then)) => {
                current = smaller;
                parts = parts_then.max(2);
            }
            None if parts < current.len() => parts = (parts * 2).min(current.len()),
            None => break,
        }
    }
    Step::Least(current)
}

fn split<T: Clone>(set: &[T], parts: usize) -> Vec<Vec<T>> {
    let size = set.len().div_ceil(parts);
    set.chunks(size).map(<[T]>::to_vec).collect()
}

fn without<T: Clone>(pieces: &[Vec<T>], left_out: usize) -> Vec<T> {
    pieces
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != left_out)
        .flat_map(|(_, piece)| piece.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Step, step};

    /// Runs a search against a server that wants all of `needed`; gives the result and the number of tries.
    fn search(all: &[u8], needed: &[u8]) -> (Vec<u8>, usize) {
        let mut tried: Vec<(Vec<u8>, bool)> = Vec::new();
        loop {
            let next = step(all, |set| {
                tried
                    .iter()
                    .find(|(earlier, _)| earlier == set)
                    .map(|(_, worked)| *worked)
            });
            match next {
                Step::Least(set) => return (set, tried.len()),
                Step::Try(set) => {
                    assert!(
                        tried.iter().all(|(earlier, _)| *earlier != set),
                        "tried twice"
                    );
                    let worked = needed.iter().all(|one| set.contains(one));
                    tried.push((set, worked));
                }
            }
        }
    }

    #[test]
    fn one_header_of_twelve_takes_at_most_eight_requests() {
        let all: Vec<u8> = (0..12).collect();
        for needed in 0..12 {
            let (found, tries) = search(&all, &[needed]);
            assert_eq!(found, [needed]);
            assert!(tries <= 8, "{tries} tries for {needed}");
        }
    }

    #[test]
    fn a_single_difference_needs_no_request() {
        assert_eq!(search(&[7], &[7]), (vec![7], 0));
    }

    proptest! {
        #[test]
        fn the_least_set_is_found(size in 1_u8..16, picks in prop::collection::btree_set(0_u8..16, 1..4)) {
            let all: Vec<u8> = (0..size).collect();
            let needed: BTreeSet<u8> = picks.into_iter().map(|pick| pick % size).collect();
            let needed: Vec<u8> = needed.into_iter().collect();
            let (found, _) = search(&all, &needed);
            prop_assert_eq!(found, needed);
        }
    }
}
