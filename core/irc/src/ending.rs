//! Why a session ends, and whether another one is worth trying. It must never call a ban a mishap: whoever hammers is banned for longer.

/// Waits before the next connection, in milliseconds, where the server gave a reason to be patient.
const KILLED_MS: i64 = 60_000;
const THROTTLED_MS: i64 = 120_000;
const FLOODED_MS: i64 = 30_000;

/// Why a session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// One or two sentences.
    pub sentence: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Whether another connection is worth trying before somebody changes something.
    pub again: bool,
    /// How long to leave the server alone at least, in milliseconds.
    pub after_ms: i64,
}

impl Ending {
    /// A mishap.
    pub(crate) fn lost(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: None,
            again: true,
            after_ms: 0,
        }
    }

    /// Trying again is in vain.
    pub(crate) fn fatal(sentence: impl Into<String>, remedy: &str) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: Some(remedy.to_owned()),
            again: false,
            after_ms: 0,
        }
    }

    /// It may help later.
    pub(crate) fn patient(
        sentence: impl Into<String>,
        remedy: Option<&str>,
        after_ms: i64,
    ) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: remedy.map(str::to_owned),
            again: true,
            after_ms,
        }
    }

    /// This client was thrown out by somebody.
    pub(crate) fn killed(by: &str, reason: &str) -> Self {
        let sentence = format!("killed by {by}: {reason}");
        Self::patient(
            sentence,
            Some("ask the operators of the network"),
            KILLED_MS,
        )
    }

    /// Reads the words of `ERROR`, which have no numbers.
    pub(crate) fn of_error(words: &str) -> Self {
        let small = words.to_ascii_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| small.contains(needle));
        let sentence = format!("the server closed the connection: {words}");
        if has(&[
            "excess flood",
            "recvq exceeded",
            "sendq exceeded",
            "max sendq",
            "flooding",
        ]) {
            let remedy = "raise `flood_every` of this side, or lower `flood_burst`";
            return Self::patient(sentence, Some(remedy), FLOODED_MS);
        }
        if has(&[
            "throttl",
            "too fast",
            "too many",
            "no more connections",
            "try again later",
            "trying to reconnect",
        ]) {
            let remedy = "the network limits connections from this address; wait, or ask its operators for an exception";
            return Self::patient(sentence, Some(remedy), THROTTLED_MS);
        }
        if has(&[
            "k-lined",
            "g-lined",
            "z-lined",
            "q-lined",
            "kline",
            "gline",
            "zline",
            "k:line",
            "k-line",
            "g-line",
            "z-line",
            "banned",
            "akill",
            "autokill",
            "blacklist",
            "dnsbl",
            "dronebl",
            "not authori",
            "unauthori",
            "bad password",
            "password incorrect",
            "access denied",
        ]) {
            return Self::fatal(
                sentence,
                "the network does not let this address or user in; ask its operators",
            );
        }
        Self::lost(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_is_told_from_a_mishap() {
        let of = |words: &str| {
            let ending = Ending::of_error(words);
            (ending.again, ending.after_ms)
        };
        assert_eq!(of("Closing Link: me[1.2.3.4] (Ping timeout)"), (true, 0));
        assert_eq!(of("Closing link: (me@host) [G-lined: spam]"), (false, 0));
        assert_eq!(of("You are banned from this server"), (false, 0));
        assert_eq!(of("Closing Link: me (Excess Flood)"), (true, FLOODED_MS));
        assert_eq!(of("Trying to reconnect too fast."), (true, THROTTLED_MS));
        assert_eq!(of("Server going down"), (true, 0));
    }
}
