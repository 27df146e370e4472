//! How one connection of a room ended, and what is to be done next. It must never be an error that nobody has words for.

use std::time::Duration;

use towpath_chat::kosmi::{ProblemKind, Profile};
use towpath_graphql::{End, Ending, Problem};

use crate::state::Why;

/// How a connection ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Over {
    /// Try again after a growing wait.
    Retry(Why),
    /// Try again after the long wait: the same is likely to happen again.
    Slowly(Why),
    /// Try again after this long.
    Wait(Why, Duration),
    /// Try once with a new token.
    Renew(Why),
    /// Stop, until somebody changes something.
    Stop(Why),
    /// The room was left, or the side ends.
    Left,
}

impl Over {
    /// What follows from the end of a session.
    pub(super) fn of(end: &End) -> Self {
        let why = Why::from(end.why.as_str());
        match end.ending {
            Ending::Retry => Self::Retry(why),
            Ending::RetrySlowly => Self::Slowly(why),
            Ending::Renew => Self::Renew(why),
            Ending::Fatal => Self::Stop(Why {
                remedy: Some(FATAL_REMEDY.to_owned()),
                ..why
            }),
        }
    }

    /// What follows where the server refused a step that cannot be done without.
    pub(super) fn of_step(profile: &Profile, step: &str, room: &str, problems: &[Problem]) -> Self {
        let said = words(problems);
        let sentence = format!("the server refuses {step}: {said}");
        match kind(profile, problems) {
            ProblemKind::RoomNotFound => Self::Stop(no_room(room, &said)),
            ProblemKind::Token => Self::Renew(sentence.into()),
            ProblemKind::Busy => Self::Wait(sentence.into(), BUSY),
            ProblemKind::Other => Self::Slowly(sentence.into()),
        }
    }
}

/// What errors are about: the first that has a kind decides.
pub(super) fn kind(profile: &Profile, problems: &[Problem]) -> ProblemKind {
    let mut kinds = problems.iter().map(|problem| profile.problem_kind(problem));
    kinds
        .find(|kind| *kind != ProblemKind::Other)
        .unwrap_or(ProblemKind::Other)
}

/// The server's own words.
pub(super) fn words(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return "it gives no reason".to_owned();
    }
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    words.join("; ")
}

fn no_room(room: &str, said: &str) -> Why {
    let remedy = if room.starts_with('@') {
        "Compare it with the address of the room's page. A room with a short code is named by that, without an @.".to_owned()
    } else {
        format!(
            "A room with a name of its own is written with an @: `@{room}`. Others are named by the short code at the end of the address of their page."
        )
    };
    Why {
        remedy: Some(remedy),
        ..Why::from(format!("the server knows no room `{room}`: {said}"))
    }
}

const FATAL_REMEDY: &str = "The server does not understand what it is sent. Its protocol has probably changed: compare the profile \
with what the page sends, and correct it in a profile of your own.";

/// How long a server that is busy is left alone.
pub(super) const BUSY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(message: &str) -> Problem {
        Problem {
            message: message.to_owned(),
            ..Problem::default()
        }
    }

    fn step(room: &str, message: &str) -> Over {
        Over::of_step(&Profile::default(), "JoinRoom", room, &[problem(message)])
    }

    #[test]
    fn an_unknown_room_stops_with_the_hint() {
        let Over::Stop(why) = step("lounge", "ROOM_NOT_FOUND") else {
            panic!("it goes on");
        };
        assert!(
            why.remedy
                .is_some_and(|remedy| remedy.contains("`@lounge`"))
        );
        let Over::Stop(why) = step("@lounge", "ROOM_NOT_FOUND") else {
            panic!("it goes on");
        };
        assert!(
            why.remedy
                .is_some_and(|remedy| remedy.contains("short code"))
        );
    }

    #[test]
    fn a_token_is_renewed_and_what_is_not_understood_is_tried_slowly() {
        assert!(matches!(step("@a", "Token expired"), Over::Renew(_)));
        let Over::Slowly(why) = step("@a", "YOU_SHALL_NOT_PASS") else {
            panic!("not slowly");
        };
        assert!(why.sentence.contains("YOU_SHALL_NOT_PASS"));
        assert!(matches!(
            step("@a", "too many requests"),
            Over::Wait(_, BUSY)
        ));
    }
}
