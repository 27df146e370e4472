//! What the machine tells, in the words that all sides share. It must never make a doubt a certainty.

use std::time::Duration;

use towpath_chat::{Author, Kind, Message};
use towpath_irc as irc;

use crate::order::{Outcome, Sending};

/// What came of a message.
pub(super) fn of(proof: irc::Proof) -> Outcome {
    match proof {
        irc::Proof::Taken { id } => Outcome::Delivered { id },
        irc::Proof::Never { why } => Outcome::Refused { why },
        irc::Proof::NotNow {
            why,
            uncertain,
            after_ms,
        } => Outcome::Later {
            why,
            uncertain,
            after: after_ms
                .and_then(|ms| u64::try_from(ms).ok())
                .map(Duration::from_millis),
        },
    }
}

/// What somebody did. `now_unix_ms` stands in where the server tells no time.
pub(super) fn message(side: &str, said: irc::Said, now_unix_ms: i64) -> Message {
    Message {
        side: side.to_owned(),
        room: said.room,
        id: said.id,
        author: Author {
            // A nickname is anybody's; an account is one person's.
            id: said.account,
            name: said.nick,
            avatar: None,
            network: None,
        },
        kind: match said.kind {
            irc::Kind::Text => Kind::Text,
            irc::Kind::Action => Kind::Action,
            irc::Kind::Notice => Kind::Notice,
            irc::Kind::Join => Kind::Join,
            irc::Kind::Leave => Kind::Leave,
            irc::Kind::Topic => Kind::Topic,
        },
        text: said.text,
        at_unix_ms: said.at_ms.unwrap_or(now_unix_ms),
        reply_to: said.reply_to,
        files: Vec::new(),
    }
}

/// A piece as the machine is told to say it.
pub(super) fn say(sending: Sending, key: u64) -> irc::Say {
    irc::Say {
        key,
        room: sending.room,
        kind: match sending.outgoing.kind {
            Kind::Action => irc::Kind::Action,
            Kind::Notice => irc::Kind::Notice,
            _ => irc::Kind::Text,
        },
        text: sending.outgoing.text,
        reply_to: sending.outgoing.reply_to,
        begun_ms: sending.begun_unix_ms,
        behind: sending.behind,
    }
}
