//! What a side is to be told of a message: cleaned, by its formats, in pieces that it takes.
//!
//! It must never let the text of a user become a command, a mention or somebody else's message on the side that is told, and never drop
//! a part of it without a word.

use crate::clean::clean;
use crate::context::Context;
use crate::files::{file_lines, files_apart, web_address};
use crate::formats::Formats;
use crate::mentions::break_mentions;
use crate::message::{Author, File, Kind, Message};
use crate::name::{NAME_CHARS_MAX, VALUE_CHARS_MAX, clean_name};
use crate::outgoing::Outgoing;
use crate::rules::{LENGTH_MIN, Markup, Rules};
use crate::split::{Cut, Written};
use crate::template::Template;
use crate::values::Values;

/// What a side of these rules is to be told of a message, in order. Empty: nothing.
pub fn compose(
    message: &Message,
    formats: &Formats,
    context: &Context,
    rules: &Rules,
) -> Vec<Outgoing> {
    let composer = Composer {
        message,
        formats,
        context,
        rules,
    };
    match &message.kind {
        Kind::Delete { .. } if rules.takes.delete && !context.earlier.is_empty() => {
            composer.deletes(&context.earlier)
        }
        _ => composer.tell(),
    }
}

struct Composer<'a> {
    message: &'a Message,
    formats: &'a Formats,
    context: &'a Context,
    rules: &'a Rules,
}

impl Composer<'_> {
    fn tell(&self) -> Vec<Outgoing> {
        let Some((kind, template)) = self.plan() else {
            return Vec::new();
        };
        let files = if self.rules.takes.files {
            files_apart(&self.message.files, self.rules.markup)
        } else {
            Vec::new()
        };
        let text = self.text();
        let needs_text = matches!(
            self.message.kind,
            Kind::Text | Kind::Action | Kind::Notice | Kind::Edit { .. }
        );
        if needs_text && text.is_empty() && files.is_empty() {
            return Vec::new();
        }
        let texts = self.pieces(template, &text);
        self.outgoing(&kind, texts, files)
    }

    /// What the side is told that it is, and by which format. Nothing where there is no format.
    fn plan(&self) -> Option<(Kind, &Template)> {
        let takes = &self.rules.takes;
        let formats = self.formats;
        let edits = takes.edit && !self.context.earlier.is_empty();
        let (as_such, format) = match &self.message.kind {
            Kind::Text => (true, &formats.text),
            Kind::Action => (takes.action, &formats.action),
            Kind::Notice => (takes.notice, &formats.notice),
            Kind::Edit { .. } if edits => (true, &formats.text),
            Kind::Edit { .. } => (false, &formats.edit),
            Kind::Delete { .. } => (false, &formats.delete),
            Kind::Join => (takes.presence, &formats.join),
            Kind::Leave => (takes.presence, &formats.leave),
            Kind::Topic => (takes.topic, &formats.topic),
        };
        let kind = if as_such {
            self.message.kind.clone()
        } else {
            Kind::Text
        };
        Some((kind, format.as_ref()?))
    }

    /// The text without what stands around it, with the addresses of files where the side takes none apart.
    fn text(&self) -> String {
        let mut text = clean(&self.message.text);
        if !self.rules.takes.files {
            for line in file_lines(&self.message.files, &text) {
                if !text.is_empty() {
                    text.push(if self.rules.several_lines { '\n' } else { ' ' });
                }
                text.push_str(&line);
            }
        }
        break_mentions(text.trim(), self.rules.markup)
    }

    fn pieces(&self, template: &Template, text: &str) -> Vec<String> {
        let rules = self.rules;
        let limit = |max: Option<usize>| max.map_or(usize::MAX, |max| max.max(LENGTH_MIN));
        let cut = Cut {
            bytes: limit(rules.bytes_max),
            chars: limit(rules.chars_max),
            several_lines: rules.several_lines,
            pieces_max: rules.pieces_max.max(1),
            written: Written {
                entities: rules.markup == Markup::Slack,
                line_mark: !rules.name_apart && rules.markup != Markup::None,
            },
        };
        let (before, behind) = self.frame(template, cut);
        let lead = self.lead();
        if !template.has_text() {
            return cut.pieces(&format!("{lead}{before}{behind}"));
        }
        let before = cut.written.write(&before);
        let behind = cut.written.write(&behind);
        let pieces = cut
            .less(&before)
            .less(&behind)
            .pieces(&format!("{lead}{text}"));
        let framed = |piece: String| format!("{before}{piece}{behind}").trim().to_owned();
        pieces.into_iter().map(framed).collect()
    }

    /// What stands around the text. Where the name leaves too little room, it is shortened, and at last left out.
    fn frame(&self, template: &Template, cut: Cut) -> (String, String) {
        let half = cut.half();
        for name_chars_max in NAME_STEPS {
            let values = Values::of(
                self.message,
                self.context,
                self.rules.markup,
                name_chars_max,
            );
            let (before, behind) =
                template.around_text(|place, next| values.get(place, next, !self.rules.name_apart));
            let safe = |text: &str| break_mentions(text, self.rules.markup);
            let (before, behind) = (safe(&before), safe(&behind));
            if !template.has_text() || half.fits(&format!("{before}{behind}")) {
                return (before, behind);
            }
        }
        (String::new(), String::new())
    }

    /// What stands before the text of the first piece: that it is late, and what it replies to.
    fn lead(&self) -> String {
        let replied = self.context.replied.as_ref();
        let quote = replied.filter(|replied| {
            let as_such = self.rules.takes.reply && replied.id.is_some();
            !as_such && !replied.text.is_empty()
        });
        let age_ms = self
            .context
            .now_unix_ms
            .saturating_sub(self.message.at_unix_ms);
        let late = self
            .formats
            .late
            .as_ref()
            .filter(|_| age_ms > LATE_AFTER_MS);
        let reply = self.formats.reply.as_ref().filter(|_| quote.is_some());
        let parts = [late, reply].into_iter().flatten();
        let values = Values::of(self.message, self.context, self.rules.markup, NAME_STEPS[0]);
        let lead: String = parts
            .map(|template| {
                let (before, behind) =
                    template.around_text(|place, next| values.get(place, next, true));
                before + &behind
            })
            .collect();
        break_mentions(&lead, self.rules.markup)
    }

    fn outgoing(&self, kind: &Kind, texts: Vec<String>, files: Vec<File>) -> Vec<Outgoing> {
        // Files without a text are a piece too.
        let texts = if texts.is_empty() {
            vec![String::new()]
        } else {
            texts
        };
        let last = texts.len() - 1;
        let author = self.author();
        let mut earlier = self.context.earlier.iter();
        let mut files = Some(files);
        let mut reply_to = self.replied_id();
        let pieces = texts.into_iter().enumerate().map(|(index, text)| Outgoing {
            text,
            kind: match kind {
                Kind::Edit { .. } => earlier
                    .next()
                    .map_or(Kind::Text, |of| Kind::Edit { of: of.clone() }),
                other => other.clone(),
            },
            author: author.clone(),
            reply_to: reply_to.take(),
            files: files.take_if(|_| index == last).unwrap_or_default(),
        });
        let mut pieces: Vec<Outgoing> = pieces.collect();
        if matches!(kind, Kind::Edit { .. }) && self.rules.takes.delete {
            let left: Vec<String> = earlier.cloned().collect();
            pieces.extend(self.deletes(&left));
        }
        pieces
    }

    fn deletes(&self, ids: &[String]) -> Vec<Outgoing> {
        let delete = |id: &String| Outgoing {
            text: String::new(),
            kind: Kind::Delete { of: id.clone() },
            author: self.author(),
            reply_to: None,
            files: Vec::new(),
        };
        ids.iter().map(delete).collect()
    }

    fn replied_id(&self) -> Option<String> {
        let replied = self.context.replied.as_ref();
        replied
            .filter(|_| self.rules.takes.reply)
            .and_then(|replied| replied.id.clone())
    }

    /// The author as the side may show it.
    fn author(&self) -> Author {
        let author = &self.message.author;
        let values = Values::of(self.message, self.context, self.rules.markup, NAME_STEPS[0]);
        let name = match &self.formats.name {
            Some(template) if self.rules.name_apart => {
                let (before, behind) =
                    template.around_text(|place, next| values.get(place, next, false));
                before + &behind
            }
            _ => clean_name(&author.name, NAME_STEPS[0]),
        };
        let line = |text: &str| clean_name(text, VALUE_CHARS_MAX);
        Author {
            id: author.id.as_deref().map(line),
            name: break_mentions(name.trim(), self.rules.markup),
            avatar: author.avatar.as_deref().and_then(web_address),
            network: Some(values.network())
                .filter(|network| !network.is_empty())
                .map(line),
        }
    }
}

/// A message that is older than this when it is told says when it was said.
pub const LATE_AFTER_MS: i64 = 5 * 60 * 1000;

/// How many characters a name has, and to what it is shortened where it leaves too little room for the text.
const NAME_STEPS: [usize; 4] = [NAME_CHARS_MAX, 20, 10, 4];

#[cfg(test)]
pub(crate) mod hostile;
#[cfg(test)]
mod tests;
