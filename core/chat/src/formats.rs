//! How things are told: one format for each kind of event. It must never be asked for what the operator did not write and no default says.

use serde::{Deserialize, Serialize};

use crate::rules::{Markup, Rules};
use crate::template::{Template, TemplateError};

/// Formats as they stand in the configuration. What is missing has a default, which depends on the side; an empty one means: do not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FormatSettings {
    /// The author's name, where the side shows it beside the text.
    pub name: Option<String>,
    /// What was said.
    pub text: Option<String>,
    /// What was done (`/me`).
    pub action: Option<String>,
    /// What no program may answer.
    pub notice: Option<String>,
    /// An earlier message's new text, where the side takes no edits.
    pub edit: Option<String>,
    /// An earlier message's end, where the side takes none.
    pub delete: Option<String>,
    /// Somebody came in. Not told by default, except to sides that take it as such.
    pub join: Option<String>,
    /// Somebody left. Not told by default, except to sides that take it as such.
    pub leave: Option<String>,
    /// The room has another subject.
    pub topic: Option<String>,
    /// What stands before a reply, where the side takes no replies.
    pub reply: Option<String>,
    /// What stands before a message that is told late.
    pub late: Option<String>,
}

/// Formats, ready for use. Without one, that kind of event is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    pub(crate) name: Option<Template>,
    pub(crate) text: Option<Template>,
    pub(crate) action: Option<Template>,
    pub(crate) notice: Option<Template>,
    pub(crate) edit: Option<Template>,
    pub(crate) delete: Option<Template>,
    pub(crate) join: Option<Template>,
    pub(crate) leave: Option<Template>,
    pub(crate) topic: Option<Template>,
    pub(crate) reply: Option<Template>,
    pub(crate) late: Option<Template>,
}

/// A mistake in a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the format `{key}`: {mistake}")]
pub struct FormatError {
    /// Which one.
    pub key: &'static str,
    /// What is wrong with it.
    pub mistake: TemplateError,
}

impl FormatSettings {
    /// These, and where one is missing that of `base`: a member's over its side's.
    #[must_use]
    pub fn or(self, base: &Self) -> Self {
        let or = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            name: or(self.name, &base.name),
            text: or(self.text, &base.text),
            action: or(self.action, &base.action),
            notice: or(self.notice, &base.notice),
            edit: or(self.edit, &base.edit),
            delete: or(self.delete, &base.delete),
            join: or(self.join, &base.join),
            leave: or(self.leave, &base.leave),
            topic: or(self.topic, &base.topic),
            reply: or(self.reply, &base.reply),
            late: or(self.late, &base.late),
        }
    }

    /// Parses them, with the defaults of a side of these rules.
    pub fn formats(&self, rules: &Rules) -> Result<Formats, FormatError> {
        let defaults = defaults(rules);
        let read = |key, own: &Option<String>, default: &str, needs_text: bool| {
            let text = own.as_deref().unwrap_or(default);
            if text.is_empty() {
                return Ok(None);
            }
            let wrong = |mistake| FormatError { key, mistake };
            let template = Template::parse(text).map_err(wrong)?;
            if template.has_irc_codes() && rules.markup != Markup::Irc {
                return Err(wrong(TemplateError::Codes));
            }
            Ok(Some(if needs_text {
                template.with_text()
            } else {
                template
            }))
        };
        Ok(Formats {
            name: read("name", &self.name, &defaults.name, false)?,
            text: read("text", &self.text, &defaults.text, true)?,
            action: read("action", &self.action, &defaults.action, true)?,
            notice: read("notice", &self.notice, &defaults.notice, true)?,
            edit: read("edit", &self.edit, &defaults.edit, true)?,
            delete: read("delete", &self.delete, &defaults.delete, false)?,
            join: read("join", &self.join, &defaults.join, false)?,
            leave: read("leave", &self.leave, &defaults.leave, false)?,
            topic: read("topic", &self.topic, &defaults.topic, true)?,
            reply: read("reply", &self.reply, &defaults.reply, false)?,
            late: read("late", &self.late, &defaults.late, false)?,
        })
    }
}

struct Defaults {
    name: String,
    text: String,
    action: String,
    notice: String,
    edit: String,
    delete: String,
    join: String,
    leave: String,
    topic: String,
    reply: String,
    late: String,
}

fn defaults(rules: &Rules) -> Defaults {
    // Names that nobody's client rings for are needed where the people of both sides have the same names: on IRC.
    let nick = if rules.markup == Markup::Irc {
        "{nopingnick}"
    } else {
        "{nick}"
    };
    let within = |text: &str| format!("[{{network}}] {}", text.replace("NICK", nick));
    let spoken = |apart: &str, inside: &str| {
        if rules.name_apart {
            apart.to_owned()
        } else {
            within(inside)
        }
    };
    let presence = |text: &str| {
        if rules.takes.presence {
            within(text)
        } else {
            String::new()
        }
    };
    let done = if rules.takes.action {
        "{text}"
    } else if rules.markup.has_markdown() {
        "_{text}_"
    } else {
        "* {nick} {text}"
    };
    // A program is told the network apart.
    let name = if rules.markup == Markup::None {
        "{nick}"
    } else {
        "{nick} ({network})"
    };
    Defaults {
        name: name.to_owned(),
        text: spoken("{text}", "<NICK> {text}"),
        action: spoken(done, "* NICK {text}"),
        notice: spoken("{text}", "-NICK- {text}"),
        edit: spoken("(edited) {text}", "<NICK> (edited) {text}"),
        delete: within("* NICK took back a message"),
        join: presence("* NICK joined"),
        leave: presence("* NICK left"),
        topic: spoken(
            "changed the subject to: {text}",
            "* NICK changed the subject to: {text}",
        ),
        reply: "(to {quoted_nick}: {quote}) ".to_owned(),
        late: "({time} UTC) ".to_owned(),
    }
}
