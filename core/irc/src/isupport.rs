//! What a server says of itself in `RPL_ISUPPORT` (005), as far as it matters here. It must never trust a number without a bound.

use crate::casemap::CaseMapping;
use crate::session::HISTORY_MODE;

/// Bounds of what is believed of `LINELEN`, `NICKLEN` and the like.
const LENGTH_MAX: usize = 16 * 1024;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Isupport {
    pub(crate) casemapping: CaseMapping,
    /// First characters of channels.
    pub(crate) chantypes: String,
    /// Characters before a nickname in a list of names.
    pub(crate) prefixes: String,
    /// Characters before a channel that address a part of its members.
    pub(crate) statusmsg: String,
    pub(crate) nicklen: Option<usize>,
    /// Whether rooms have a mode that may mean that their history is kept.
    pub(crate) keeps_history: bool,
    pub(crate) chathistory_max: Option<usize>,
    pub(crate) network: Option<String>,
}

impl Default for Isupport {
    fn default() -> Self {
        Self {
            casemapping: CaseMapping::default(),
            chantypes: "#&+!".to_owned(),
            prefixes: "~&@%+".to_owned(),
            statusmsg: String::new(),
            nicklen: None,
            keeps_history: false,
            chathistory_max: None,
            network: None,
        }
    }
}

impl Isupport {
    /// Takes the parameters of one 005, its own nickname and the closing words included.
    pub(crate) fn take(&mut self, params: &[String]) {
        let tokens = params
            .get(1..params.len().saturating_sub(1))
            .unwrap_or_default();
        for token in tokens {
            let (key, value) = token.split_once('=').unwrap_or((token, ""));
            match key {
                "CASEMAPPING" => self.casemapping = CaseMapping::named(value),
                "CHANTYPES" => value.clone_into(&mut self.chantypes),
                "STATUSMSG" => value.clone_into(&mut self.statusmsg),
                "PREFIX" => {
                    let shown = value.split_once(')').map_or(value, |(_, shown)| shown);
                    shown.clone_into(&mut self.prefixes);
                }
                "CHANMODES" => {
                    // Modes with a parameter when they are set; elsewhere the letter means something else.
                    let with_parameter = value.split(',').nth(2).unwrap_or_default();
                    self.keeps_history = with_parameter.contains(HISTORY_MODE);
                }
                "NICKLEN" | "MAXNICKLEN" => self.nicklen = length(value),
                "CHATHISTORY" | "draft/CHATHISTORY" => self.chathistory_max = length(value),
                "NETWORK" => self.network = Some(value.replace("\\x20", " ")),
                _ => {}
            }
        }
    }
}

fn length(value: &str) -> Option<usize> {
    value
        .parse()
        .ok()
        .filter(|&length| length > 0 && length <= LENGTH_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_and_nonsense_is_left() {
        let mut isupport = Isupport::default();
        let line = "me CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ NICKLEN=30 CHATHISTORY=50 NETWORK=A\\x20B EXCEPTS NICKLEN=999999999999 :are supported";
        let line = crate::Line::parse(format!("005 {line}").as_bytes()).unwrap();
        isupport.take(&line.params);
        assert_eq!(isupport.casemapping, CaseMapping::Ascii);
        assert_eq!(
            (isupport.chantypes.as_str(), isupport.prefixes.as_str()),
            ("#", "@+")
        );
        assert_eq!(
            (isupport.nicklen, isupport.chathistory_max),
            (None, Some(50))
        );
        assert_eq!(isupport.network.as_deref(), Some("A B"));
    }
}
