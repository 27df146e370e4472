//! Where the facts stand in users and messages, and by which words errors are told apart. It must never read anything itself.

use serde::Deserialize;

use super::pointers::Pointers;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) user: UserFields,
    pub(super) message: MessageFields,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserFields {
    pub(super) id: Pointers,
    pub(super) name: Pointers,
    pub(super) avatar: Pointers,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageFields {
    pub(super) id: Pointers,
    pub(super) body: Pointers,
    pub(super) time: Pointers,
    pub(super) user: Pointers,
    pub(super) reply_to: Pointers,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) room_not_found: Vec<String>,
    pub(super) token: Vec<String>,
    pub(super) busy: Vec<String>,
}

impl Fields {
    /// Every place with its key.
    pub(super) fn all(&self) -> [(&'static str, &Pointers); 8] {
        [
            ("user.id", &self.user.id),
            ("user.name", &self.user.name),
            ("user.avatar", &self.user.avatar),
            ("message.id", &self.message.id),
            ("message.body", &self.message.body),
            ("message.time", &self.message.time),
            ("message.user", &self.message.user),
            ("message.reply_to", &self.message.reply_to),
        ]
    }
}
