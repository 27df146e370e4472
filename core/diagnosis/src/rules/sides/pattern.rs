//! What ends have in common: the same silence before them, the same age, the same number of bytes.
//!
//! Only figures; what they mean is for the rules. Ends that somebody meant are left out before.

use std::collections::BTreeSet;

use crate::observation::{Attachment, AttachmentEnd};
use crate::words::duration;

/// One use of a transport that ended on the way, or lives.
#[derive(Clone, Copy)]
pub(super) struct Life<'a> {
    /// Which client, by a number.
    pub client: u32,
    /// What was seen of it.
    pub attachment: &'a Attachment,
}

impl Life<'_> {
    /// Whether a hop cut it. One that fell silent was given up here, at a time that is this side's own.
    pub(super) fn was_cut(&self) -> bool {
        matches!(
            self.attachment.end,
            AttachmentEnd::Reset | AttachmentEnd::EndOfStream
        )
    }
}

/// What the ends have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// So many milliseconds of silence.
    Idle(u64),
    /// An age in milliseconds.
    Age(u64),
    /// A number of bytes.
    Bytes(u64),
}

/// Ends that are alike.
pub(super) struct Pattern {
    pub shape: Shape,
    /// Places of the ends that agree.
    pub agreeing: Vec<usize>,
    /// How many clients they are of.
    pub clients: usize,
}

impl Pattern {
    /// Whether enough agree, of enough clients, to say more than that it fits.
    pub(super) fn is_firm(&self) -> bool {
        self.clients >= CLIENTS_MIN || self.agreeing.len() >= FIRM_MIN
    }
}

impl Shape {
    /// The figure as part of a sentence: `after 60 s of silence`.
    pub(super) fn words(self) -> String {
        match self {
            Self::Idle(ms) => format!("after {} of silence", duration(ms)),
            Self::Age(ms) => format!("at the age of {}", duration(ms)),
            Self::Bytes(bytes) => format!("after about {} KiB", bytes.saturating_add(512) / 1024),
        }
    }
}

/// How long nothing had passed either way before the end, in milliseconds.
fn quiet_ms(attachment: &Attachment) -> u64 {
    attachment
        .silent_up_ms
        .min(attachment.silent_down_ms)
        .min(attachment.age_ms)
}

const fn age_ms(attachment: &Attachment) -> u64 {
    attachment.age_ms
}

const fn bytes(attachment: &Attachment) -> u64 {
    attachment.bytes_up.saturating_add(attachment.bytes_down)
}

/// The pattern of those that were cut, where two thirds of them agree and none lived on past the figure.
pub(super) fn pattern(lives: &[Life<'_>]) -> Option<Pattern> {
    let cut: Vec<usize> = (0..lives.len())
        .filter(|&place| lives[place].was_cut())
        .collect();
    let find = |figure: fn(&Attachment) -> u64, least: u64, slack: u64| {
        let agreeing = alike(&cut, |place| figure(lives[place].attachment), least, slack)?;
        let figures = agreeing
            .iter()
            .map(|&place| figure(lives[place].attachment));
        Some((figures.clone().min()?, figures.max()?, agreeing))
    };
    let idle = find(quiet_ms, IDLE_MS_MIN, SLACK_MS).filter(|(_, most, _)| {
        // An older silence that did no harm speaks against a timer.
        !lives
            .iter()
            .any(|life| !life.was_cut() && quiet_ms(life.attachment) > well_past(*most))
    });
    let age = find(age_ms, AGE_MS_MIN, SLACK_MS).filter(|(_, most, _)| {
        !lives
            .iter()
            .any(|life| life.attachment.age_ms > well_past(*most))
    });
    let (shape, agreeing) = match (idle, age) {
        // A heartbeat makes silences alike that mean nothing.
        (Some((quiet, _, _)), Some((age, _, agreeing))) if quiet / 4 < age / 5 => {
            (Shape::Age(age), agreeing)
        }
        (Some((quiet, _, agreeing)), _) => (Shape::Idle(quiet), agreeing),
        (None, Some((age, _, agreeing))) => (Shape::Age(age), agreeing),
        (None, None) => {
            let (figure, _, agreeing) = find(bytes, BYTES_MIN, SLACK_BYTES)?;
            (Shape::Bytes(figure), agreeing)
        }
    };
    let clients: BTreeSet<u32> = agreeing.iter().map(|&place| lives[place].client).collect();
    Some(Pattern {
        shape,
        clients: clients.len(),
        agreeing,
    })
}

/// A figure that measurements of a timer do not reach.
const fn well_past(figure: u64) -> u64 {
    figure.saturating_add(figure / 5 + SLACK_MS)
}

/// The largest group whose figures lie close together, where it is at least three and two thirds of all.
fn alike(
    places: &[usize],
    figure: impl Fn(usize) -> u64,
    least: u64,
    slack: u64,
) -> Option<Vec<usize>> {
    let mut sorted: Vec<usize> = places.to_vec();
    sorted.sort_by_key(|&place| (figure(place), place));
    let mut best: &[usize] = &[];
    for begin in 0..sorted.len() {
        let from = figure(sorted[begin]);
        let close = sorted[begin..]
            .iter()
            .take_while(|&&place| figure(place) <= from.saturating_add(from / 50 + slack))
            .count();
        if from >= least && close > best.len() {
            best = &sorted[begin..begin + close];
        }
    }
    let enough = best.len() >= ALIKE_MIN && best.len() * 3 >= places.len() * 2;
    enough.then(|| {
        let mut group = best.to_vec();
        group.sort_unstable();
        group
    })
}

/// So many ends must be alike.
pub(super) const ALIKE_MIN: usize = 3;
/// So many ends of one client say as much as those of two clients.
pub(super) const FIRM_MIN: usize = 5;
/// So many clients have more in common than one device.
pub(super) const CLIENTS_MIN: usize = 2;
/// No hop's idle time is shorter.
const IDLE_MS_MIN: u64 = 1_500;
/// No hop's limit of a connection's age is shorter; visits are.
const AGE_MS_MIN: u64 = 1_500;
/// Smaller numbers of bytes are alike by chance.
const BYTES_MIN: u64 = 16 << 10;
/// What two measurements of one timer may differ by, besides a fiftieth.
const SLACK_MS: u64 = 400;
/// What the heads of two responses may differ by.
const SLACK_BYTES: u64 = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Transport;
    use crate::rules::sides::scene::attachment;

    fn life(age_ms: u64, quiet_ms: u64, end: AttachmentEnd) -> Attachment {
        Attachment {
            age_ms,
            silent_up_ms: quiet_ms,
            silent_down_ms: quiet_ms + 40,
            ..attachment(Transport::Websocket, end)
        }
    }

    fn shape(lives: &[Attachment]) -> Option<Shape> {
        let lives: Vec<Life<'_>> = lives
            .iter()
            .map(|attachment| Life {
                client: 1,
                attachment,
            })
            .collect();
        pattern(&lives).map(|found| found.shape)
    }

    fn cut(age_ms: u64, quiet_ms: u64) -> Attachment {
        life(age_ms, quiet_ms, AttachmentEnd::Reset)
    }

    #[test]
    fn silence_age_and_bytes_are_told_apart() {
        let idle = [
            cut(65_000, 60_010),
            cut(190_000, 60_100),
            cut(61_000, 60_300),
        ];
        assert_eq!(shape(&idle), Some(Shape::Idle(60_010)));
        let aged = [cut(30_010, 900), cut(30_200, 11_000), cut(30_050, 4_000)];
        assert_eq!(shape(&aged), Some(Shape::Age(30_010)));
        // A heartbeat of ten seconds: the silences agree, and so do the ages.
        let beaten = [cut(35_010, 5_000), cut(35_200, 5_100), cut(35_050, 5_050)];
        assert_eq!(shape(&beaten), Some(Shape::Age(35_010)));
        // Silent from the first moment: the shorter explanation is the timer of silence.
        let silent = [cut(5_010, 4_990), cut(5_012, 4_995), cut(5_020, 4_998)];
        assert_eq!(shape(&silent), Some(Shape::Idle(4_990)));
        let counted = [2_100, 9_000, 31_000].map(|age| Attachment {
            bytes_down: 64 << 10,
            ..cut(age, 10)
        });
        assert!(matches!(shape(&counted), Some(Shape::Bytes(_))));
    }

    #[test]
    fn chance_is_no_pattern() {
        assert_eq!(shape(&[cut(5_000, 10), cut(9_000, 700)]), None);
        assert_eq!(
            shape(&[cut(5_000, 10), cut(9_000, 700), cut(31_000, 20)]),
            None
        );
        // Half of them agree.
        let half = [
            cut(5_000, 10),
            cut(5_050, 20),
            cut(5_100, 20),
            cut(9_000, 20),
            cut(12_000, 20),
            cut(22_000, 20),
        ];
        assert_eq!(shape(&half), None);
        // One lived on.
        let survivor = life(
            90_000,
            20,
            AttachmentEnd::Closed {
                by_client: true,
                code: Some(1000),
            },
        );
        let mut lives = vec![cut(30_010, 9), cut(30_200, 10), cut(30_050, 4)];
        assert!(shape(&lives).is_some());
        lives.push(survivor);
        assert_eq!(shape(&lives), None);
    }
}
