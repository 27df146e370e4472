//! One thing that happened in a room, as its side tells it. It must never hold anything of where it goes.

use serde::{Deserialize, Serialize};

/// One thing that happened in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The side it comes from, as the configuration names it, `irc.libera` for example.
    pub side: String,
    /// The room on that side, by that side's own name: `@room`, `#channel`, a gateway's name.
    pub room: String,
    /// What tells it from all others of that room. Without one it cannot be recognised a second time.
    pub id: Option<String>,
    /// Who did it.
    pub author: Author,
    /// What happened.
    pub kind: Kind,
    /// The text as it was written, with its line breaks. It is hostile until it was composed for a side.
    pub text: String,
    /// When, by the side's clock, in milliseconds since 1970; by this machine's where the side gives none.
    pub at_unix_ms: i64,
    /// The message that it replies to, by its id on the same side.
    pub reply_to: Option<String>,
    /// Pictures and other files, in order.
    pub files: Vec<File>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Something was said.
    Text,
    /// Something was done: `/me` of IRC, `user_action` of Matterbridge.
    Action,
    /// Something was said that no program may answer: `NOTICE` of IRC.
    Notice,
    /// An earlier message has now this text.
    Edit {
        /// The earlier message's id.
        of: String,
    },
    /// An earlier message is gone.
    Delete {
        /// The earlier message's id.
        of: String,
    },
    /// The author came in.
    Join,
    /// The author left; the text may hold why.
    Leave,
    /// The room's subject is now this text.
    Topic,
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// What the side knows the user by; names change, this does not.
    pub id: Option<String>,
    /// The name to show.
    pub name: String,
    /// Where a picture of the user is, an `https:` or `http:` URL.
    pub avatar: Option<String>,
    /// The network that the user is on, where the side itself is a bridge (`discord` behind Matterbridge).
    pub network: Option<String>,
}

/// A picture or another file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What was written beside it.
    pub comment: String,
}
