//! What stands in the places of a format for one message, each value harmless by itself. It must never hold a line break.

use crate::clean::clean;
use crate::context::Context;
use crate::message::Message;
use crate::name::{NAME_CHARS_MAX, clean_name, cut, one_line, without_ping};
use crate::rules::Markup;
use crate::template::Place;
use crate::time;

/// The values of one message.
pub(crate) struct Values<'a> {
    message: &'a Message,
    context: &'a Context,
    markup: Markup,
    name_chars_max: usize,
}

impl<'a> Values<'a> {
    pub(crate) fn of(
        message: &'a Message,
        context: &'a Context,
        markup: Markup,
        name_chars_max: usize,
    ) -> Self {
        Self {
            message,
            context,
            markup,
            name_chars_max: name_chars_max.min(NAME_CHARS_MAX),
        }
    }

    /// The value of a place that `next` follows in the format; `within_text` says whether the side's markup is read there.
    pub(crate) fn get(&self, place: Place, next: Option<char>, within_text: bool) -> String {
        let message = self.message;
        let at = message.at_unix_ms;
        match place {
            Place::Nick => self.name(&message.author.name, next, within_text),
            Place::NoPingNick => without_ping(&self.name(&message.author.name, next, within_text)),
            Place::QuotedNick => self.name(
                self.context.replied.as_ref().map_or("", |to| &to.author),
                next,
                within_text,
            ),
            Place::UserId => self.name(
                message.author.id.as_deref().unwrap_or(""),
                next,
                within_text,
            ),
            Place::Network => self.name(self.network(), next, within_text),
            Place::Label if self.context.label.is_empty() => {
                self.name(self.network(), next, within_text)
            }
            Place::Label => self.line(&self.context.label),
            Place::Side => self.line(&message.side),
            Place::Room => self.line(&message.room),
            Place::Link => self.line(&self.context.link),
            Place::Time => time::time(at, self.context.now_unix_ms),
            Place::Date => time::date(at),
            Place::Quote => {
                let quoted = self.context.replied.as_ref().map_or("", |to| &to.text);
                cut(
                    &one_line(&clean(quoted)),
                    QUOTE_CHARS_MAX,
                    QUOTE_CHARS_MAX * 4,
                )
            }
            Place::Text => String::new(),
        }
    }

    /// The network that the message comes from, as it was told.
    pub(crate) fn network(&self) -> &str {
        let own = self.message.author.network.as_deref();
        own.unwrap_or(&self.context.network)
    }

    fn line(&self, text: &str) -> String {
        cut(
            &one_line(&clean(text)),
            self.name_chars_max.max(8),
            4 * NAME_CHARS_MAX,
        )
    }

    /// What users choose themselves. What follows it in the format may not occur in it, or it could seem to end earlier than it does.
    fn name(&self, name: &str, next: Option<char>, within_text: bool) -> String {
        let mut name = clean_name(name, self.name_chars_max);
        if let Some(next) = next.filter(|next| !next.is_alphanumeric() && !next.is_whitespace()) {
            name = name.replace(next, CLOSER);
        }
        if within_text && self.markup.has_markdown() {
            name = plain(&name, self.markup);
        }
        name
    }
}

/// A name that Markdown leaves as it is. Slack knows no way to write such a character as itself, so there it is another one.
fn plain(name: &str, markup: Markup) -> String {
    let mut plain = String::with_capacity(name.len());
    for character in name.chars() {
        if !MARKDOWN.contains(character) {
            plain.push(character);
        } else if markup == Markup::Slack {
            plain.push_str(CLOSER);
        } else {
            plain.push('\\');
            plain.push(character);
        }
    }
    plain
}

/// Stands in a name for what may not be in it.
const CLOSER: &str = "·";

const MARKDOWN: &str = "*_~`|\\[]";

/// How much of a quoted text is shown, in characters.
const QUOTE_CHARS_MAX: usize = 60;
