//! What became of numbered messages.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

/// Who said a message, as the first letter of its number: `k17`.
pub(super) const SOURCES: [char; 3] = ['k', 'i', 'm'];

/// The text of a message.
pub(super) fn text(source: char, number: usize) -> String {
    format!("message {source}{number}")
}

/// What a room was told wrongly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) out_of_order: usize,
}

impl Wrong {
    /// Counts what a room was told of one source, which said so many.
    pub(super) fn of(told: &[String], source: char, said: usize) -> Self {
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        let mut wrong = Self::default();
        let mut newest = None;
        for number in told.iter().filter_map(|text| number(text, source)) {
            let seen = times.entry(number).or_default();
            *seen += 1;
            if *seen > 1 {
                wrong.doubled += 1;
                continue;
            }
            if newest.is_some_and(|newest| newest > number) {
                wrong.out_of_order += 1;
            }
            newest = newest.max(Some(number));
        }
        wrong.lost = (0..said)
            .filter(|number| !times.contains_key(number))
            .count();
        wrong
    }
}

impl AddAssign for Wrong {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lost,
            doubled,
            out_of_order,
        } = self;
        write!(
            f,
            "{lost} lost, {doubled} doubled, {out_of_order} out of order"
        )
    }
}

/// How many messages of a source a room was told, each counted once or more.
pub(super) fn told_of(told: &[String], source: char) -> usize {
    told.iter()
        .filter(|text| number(text, source).is_some())
        .count()
}

fn number(text: &str, source: char) -> Option<usize> {
    let (_, word) = text.rsplit_once("message ")?;
    word.strip_prefix(source)?.parse().ok()
}

#[test]
fn wrongs_are_counted() {
    let told: Vec<String> = [0, 2, 1, 2, 4]
        .map(|number| format!("<Ann> {}", text('k', number)))
        .into();
    let wrong = Wrong::of(&told, 'k', 6);
    let expected = Wrong {
        lost: 2,
        doubled: 1,
        out_of_order: 1,
    };
    assert_eq!(wrong, expected);
    assert_eq!(Wrong::of(&told, 'i', 0), Wrong::default());
}
