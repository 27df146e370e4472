//! How long a token lives, and when it is renewed.
//!
//! A pure calculation on dates: it must never ask a clock or decide for a caller.

use serde::{Deserialize, Serialize};

use crate::claims::{Claims, claims};
use crate::limits::{MARGIN_MAX, SKEW};

/// What is known of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// It ends at a date.
    Ends {
        /// When it was issued, in seconds since 1970, where it says so.
        issued_unix_s: Option<i64>,
        /// When it ends, in seconds since 1970.
        expires_unix_s: i64,
    },
    /// Nothing that can be relied on. Such a token is used until it is refused.
    Unknown(Unknown),
}

/// Why nothing is known of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It is not a JSON Web Token whose content can be read.
    NotReadable,
    /// It has no `exp`, or one that is no date.
    NoExpiry,
    /// It is not signed (`alg` is `none`), so its dates are anybody's.
    Unsigned,
}

impl Unknown {
    /// The reason as the end of a sentence: "its life is unknown: …".
    pub fn words(self) -> &'static str {
        match self {
            Self::NotReadable => "it is no JSON Web Token that can be read",
            Self::NoExpiry => "it has no `exp`",
            Self::Unsigned => "it is not signed, so its dates prove nothing",
        }
    }
}

impl Life {
    /// The life that the token itself tells; where it tells none, that of the cookie it was found in.
    pub fn of(token: &str, cookie_expires_unix_s: Option<i64>) -> Self {
        let unknown = match claims(token) {
            Some(Claims {
                signed: true,
                expires_unix_s: Some(expires_unix_s),
                issued_unix_s,
                not_before_unix_s,
            }) => {
                return Self::Ends {
                    issued_unix_s: issued_unix_s.or(not_before_unix_s),
                    expires_unix_s,
                };
            }
            Some(Claims { signed: false, .. }) => Unknown::Unsigned,
            Some(_) => Unknown::NoExpiry,
            None => Unknown::NotReadable,
        };
        match cookie_expires_unix_s {
            Some(expires_unix_s) => Self::Ends {
                issued_unix_s: None,
                expires_unix_s,
            },
            None => Self::Unknown(unknown),
        }
    }

    /// When it ends, in seconds since 1970, where that is known.
    pub fn expires_unix_s(self) -> Option<i64> {
        match self {
            Self::Ends { expires_unix_s, .. } => Some(expires_unix_s),
            Self::Unknown(_) => None,
        }
    }

    /// The two dates that follow for a token read at `read_unix_s`.
    pub fn schedule(self, read_unix_s: i64) -> Schedule {
        let Self::Ends {
            issued_unix_s,
            expires_unix_s,
        } = self
        else {
            return Schedule::default();
        };
        let begun = issued_unix_s
            .filter(|issued| *issued < expires_unix_s)
            .unwrap_or(read_unix_s)
            .min(expires_unix_s);
        let whole = expires_unix_s - begun;
        let skew = seconds(SKEW).min(whole / 4);
        // The seed's bridge renewed a token of twelve months one month before its end: a twelfth.
        let margin = (whole / 12).clamp(2 * skew, seconds(MARGIN_MAX).max(2 * skew));
        // A page may hand out what it was given long ago. Asked at once again it would say the same, so half of what
        // is left is used first.
        let left = (expires_unix_s - read_unix_s).max(0);
        let halfway = read_unix_s.min(expires_unix_s) + left / 2;
        let usable_until = expires_unix_s - skew;
        Schedule {
            renew_from_unix_s: Some((expires_unix_s - margin).max(halfway).min(usable_until)),
            usable_until_unix_s: Some(usable_until),
        }
    }
}

/// When to renew a token, and until when the old one may still be used; both unknown for an unknown life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Schedule {
    /// From here on it is renewed at the next opportunity, in seconds since 1970.
    pub renew_from_unix_s: Option<i64>,
    /// From here on it is not used any more, in seconds since 1970: its end less what clocks may differ.
    pub usable_until_unix_s: Option<i64>,
}

impl Schedule {
    /// Whether it is time to renew.
    pub fn due(self, now_unix_s: i64) -> bool {
        self.renew_from_unix_s
            .is_some_and(|from| now_unix_s >= from)
    }

    /// Whether the token may still be shown to its server.
    pub fn usable(self, now_unix_s: i64) -> bool {
        self.usable_until_unix_s
            .is_none_or(|until| now_unix_s < until)
    }
}

fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::claims::tests::{SIGNED, jwt};

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    /// Seconds before the end at which a token of this life, just issued, is renewed and no longer used.
    fn before_the_end(life: i64) -> (i64, i64) {
        let issued = 1_700_000_000;
        let ends = Life::Ends {
            issued_unix_s: Some(issued),
            expires_unix_s: issued + life,
        };
        let schedule = ends.schedule(issued);
        let before = |date: Option<i64>| issued + life - date.unwrap();
        (
            before(schedule.renew_from_unix_s),
            before(schedule.usable_until_unix_s),
        )
    }

    #[test]
    fn a_token_is_renewed_a_twelfth_of_its_life_before_its_end() {
        assert_eq!(before_the_end(360 * DAY), (30 * DAY, MINUTE));
        assert_eq!(before_the_end(3_600 * DAY), (30 * DAY, MINUTE));
        assert_eq!(before_the_end(12 * HOUR), (HOUR, MINUTE));
        assert_eq!(before_the_end(HOUR), (5 * MINUTE, MINUTE));
    }

    #[test]
    fn a_short_life_is_not_eaten_up_by_margins() {
        assert_eq!(before_the_end(10 * MINUTE), (2 * MINUTE, MINUTE));
        assert_eq!(before_the_end(2 * MINUTE), (MINUTE, 30));
        assert_eq!(before_the_end(20), (10, 5));
        assert_eq!(before_the_end(0), (0, 0));
    }

    #[test]
    fn a_token_that_was_old_when_it_was_read_is_not_asked_for_at_once_again() {
        let issued = 1_700_000_000;
        let ends = Life::Ends {
            issued_unix_s: Some(issued),
            expires_unix_s: issued + 360 * DAY,
        };
        let read = issued + 350 * DAY;
        assert_eq!(
            ends.schedule(read).renew_from_unix_s,
            Some(issued + 355 * DAY)
        );
    }

    #[test]
    fn an_unknown_life_is_never_due_and_always_usable() {
        let schedule = Life::Unknown(Unknown::NoExpiry).schedule(5);
        assert!(!schedule.due(i64::MAX) && schedule.usable(i64::MAX));
    }

    #[test]
    fn a_life_is_known_only_from_a_signed_date_or_a_cookie() {
        let of = |token: &str| Life::of(token, None);
        let dated = r#"{"nbf":10,"exp":20}"#;
        let known = Life::Ends {
            issued_unix_s: Some(10),
            expires_unix_s: 20,
        };
        assert_eq!(of(&jwt(SIGNED, dated)), known);
        assert_eq!(
            of(&jwt(r#"{"alg":"none"}"#, dated)),
            Life::Unknown(Unknown::Unsigned)
        );
        assert_eq!(of(&jwt(SIGNED, "{}")), Life::Unknown(Unknown::NoExpiry));
        assert_eq!(of("opaque"), Life::Unknown(Unknown::NotReadable));
        assert_eq!(Life::of("opaque", Some(7)).expires_unix_s(), Some(7));
        assert_eq!(
            Life::of(&jwt(SIGNED, dated), Some(7)).expires_unix_s(),
            Some(20)
        );
    }

    proptest! {
        #[test]
        fn what_is_due_is_still_usable(
            issued in proptest::option::of(0_i64..300_000_000_000),
            expires in 0_i64..300_000_000_000,
            read in 0_i64..300_000_000_000,
        ) {
            let life = Life::Ends { issued_unix_s: issued, expires_unix_s: expires };
            let schedule = life.schedule(read);
            let (renew, until) = (schedule.renew_from_unix_s.unwrap(), schedule.usable_until_unix_s.unwrap());
            prop_assert!(renew <= until && until <= expires, "{schedule:?}");
            prop_assert!(expires - renew <= 30 * DAY || renew >= read, "{schedule:?}");
        }
    }
}
