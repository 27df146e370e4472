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
    /// Lost or doubled by a server that was killed while it told its room: see [`super::torn`].
    pub(super) torn: usize,
    /// Told twice because the first time was not answered.
    pub(super) repeated: usize,
}

/// Which texts a server that was killed did not tell everybody, each as often as that happened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Excused<'a> {
    /// The room was not told.
    pub(super) lost: &'a [String],
    /// The room was told, and nobody could know it.
    pub(super) doubled: &'a [String],
}

impl Wrong {
    /// Counts what a room was told of one source, which said so many.
    pub(super) fn of(told: &[String], source: char, said: usize, excused: Excused<'_>) -> Self {
        let excused_doubles = times(excused.doubled, source);
        let excused_losses = times(excused.lost, source);
        let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
        let mut wrong = Self::default();
        let mut newest = None;
        for number in told.iter().filter_map(|text| number(text, source)) {
            let copies = seen.entry(number).or_default();
            *copies += 1;
            if *copies > 1 {
                let may_double = excused_doubles.get(&number).copied().unwrap_or(0);
                let is_torn = *copies <= may_double + 1;
                wrong.torn += usize::from(is_torn);
                wrong.doubled += usize::from(!is_torn);
                continue;
            }
            if newest.is_some_and(|newest| newest > number) {
                wrong.out_of_order += 1;
            }
            newest = newest.max(Some(number));
        }
        for missing in (0..said).filter(|number| !seen.contains_key(number)) {
            let is_torn = excused_losses.contains_key(&missing);
            wrong.torn += usize::from(is_torn);
            wrong.lost += usize::from(!is_torn);
        }
        wrong
    }

    /// Takes no more than so many doubles for repetitions, and says how many.
    pub(super) fn repeat(&mut self, most: usize) -> usize {
        let repeated = self.doubled.min(most);
        self.doubled -= repeated;
        self.repeated += repeated;
        repeated
    }

    /// Whether the relay did nothing wrong.
    pub(super) fn is_right(self) -> bool {
        (self.lost, self.doubled, self.out_of_order) == (0, 0, 0)
    }
}

impl AddAssign for Wrong {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
        self.torn += other.torn;
        self.repeated += other.repeated;
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lost,
            doubled,
            out_of_order,
            torn,
            repeated,
        } = self;
        write!(
            f,
            "{lost} lost, {doubled} doubled, {out_of_order} out of order"
        )?;
        if *repeated > 0 {
            write!(f, ", {repeated} repeated for want of an answer")?;
        }
        if *torn > 0 {
            write!(f, ", {torn} torn by the death of the IRC server")?;
        }
        Ok(())
    }
}

/// How many messages of a source a room was told, each counted once or more.
pub(super) fn told_of(told: &[String], source: char) -> usize {
    times(told, source).values().sum()
}

fn times(texts: &[String], source: char) -> BTreeMap<usize, usize> {
    let mut times = BTreeMap::new();
    for number in texts.iter().filter_map(|text| number(text, source)) {
        *times.entry(number).or_default() += 1;
    }
    times
}

fn number(text: &str, source: char) -> Option<usize> {
    let (_, word) = text.rsplit_once("message ")?;
    word.strip_prefix(source)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(numbers: &[usize]) -> Vec<String> {
        let texts = numbers.iter().map(|number| text('k', *number));
        texts.map(|text| format!("<Ann> {text}")).collect()
    }

    #[test]
    fn wrongs_are_counted() {
        let told = texts(&[0, 2, 1, 2, 4]);
        let wrong = Wrong::of(&told, 'k', 6, Excused::default());
        let expected = Wrong {
            lost: 2,
            doubled: 1,
            out_of_order: 1,
            ..Wrong::default()
        };
        assert_eq!(wrong, expected);
        let nothing = Wrong::of(&told, 'i', 0, Excused::default());
        assert_eq!(nothing, Wrong::default());
    }

    #[test]
    fn only_what_is_excused_is_excused() {
        let told = texts(&[0, 1, 1, 2, 2, 2, 5]);
        let excused = Excused {
            lost: &texts(&[3, 0]),
            doubled: &texts(&[2, 0]),
        };
        let expected = Wrong {
            lost: 1,
            doubled: 2,
            out_of_order: 0,
            torn: 2,
            ..Wrong::default()
        };
        assert_eq!(Wrong::of(&told, 'k', 6, excused), expected);
    }

    #[test]
    fn no_more_is_repeated_than_was_uncertain() {
        let told = texts(&[0, 0, 1, 1, 2]);
        let mut wrong = Wrong::of(&told, 'k', 3, Excused::default());
        assert_eq!(wrong.repeat(1), 1);
        assert_eq!((wrong.doubled, wrong.is_right()), (1, false));
        assert_eq!(wrong.repeat(5), 1);
        assert!(wrong.is_right());
    }
}
