//! What one side is to be told. It must never hold text that the side would take for a command or a mention.

use serde::{Deserialize, Serialize};

use crate::message::{Author, File, Kind};

/// One piece that a side takes as a whole: a line of IRC, a message of Kosmi, a request of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The text, cleaned, formatted and short enough for the side. Where the side shows a name of its own, it is not in here.
    pub text: String,
    /// What happened. For [`Kind::Edit`] and [`Kind::Delete`] it names the earlier message by its id on the side that is told.
    pub kind: Kind,
    /// Who did it, for sides that show a name and a picture beside the text; the name is cleaned.
    pub author: Author,
    /// The message that it replies to, by its id on the side that is told.
    pub reply_to: Option<String>,
    /// Files, for sides that take them apart from the text.
    pub files: Vec<File>,
}

impl Outgoing {
    /// A text that nobody in particular says.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Text,
            author: Author::default(),
            reply_to: None,
            files: Vec::new(),
        }
    }
}
