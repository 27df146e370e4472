//! Takes what one side tells: each message is in the store before the next one is read.
//!
//! It must never take a message twice, nor our own words, nor go on reading while the store cannot keep what was read.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use towpath_chat::Message;
use towpath_outbox::{Accepted, Arrival, Recipient, Room};
use towpath_sides::Event;

use crate::clock::now_unix_ms;
use crate::heard::{Counts, count};
use crate::shared::Shared;

/// What takes from one side.
#[derive(Debug)]
pub(crate) struct Intake {
    pub side: String,
    pub shared: Arc<Shared>,
    pub counts: Arc<Counts>,
    /// The users that we are or were there.
    pub own: HashSet<String>,
}

impl Intake {
    /// Takes until the side has ended, or the store is closed.
    pub(crate) async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        while let Some(event) = events.recv().await {
            match event {
                Event::Said { message, replayed } => self.said(*message, replayed).await,
                Event::Own { user_id } => self.own(user_id).await,
                Event::Missed {
                    room,
                    why,
                    messages,
                } => {
                    let missed = messages.unwrap_or(1);
                    self.counts.missed.fetch_add(missed, Ordering::Relaxed);
                    tracing::warn!(side = %self.side, room, why, ?messages, "messages are missing");
                }
            }
        }
    }

    async fn own(&mut self, user_id: String) {
        if self.own.contains(&user_id) {
            return;
        }
        let (outbox, side) = (&self.shared.outbox, &self.side);
        let kept = self.shared.kept(|| outbox.add_own(side, &user_id)).await;
        if kept.is_some() {
            self.own.insert(user_id);
        }
    }

    async fn said(&self, mut message: Message, replayed: bool) {
        bound(&mut message);
        // What the side calls itself does not matter; here it has the name of the configuration.
        message.side.clone_from(&self.side);
        let room = Room {
            side: self.side.clone(),
            room: message.room.clone(),
        };
        let Some(way) = self.shared.routes().way(&room, &message.author) else {
            return;
        };
        let now = now_unix_ms();
        let recipients = if self.is_own(&message) {
            count(&self.counts.own);
            Vec::new()
        } else if let Some(recipients) = self.not_echoed(&room, &message, way.recipients, now) {
            if way.ignored {
                count(&self.counts.ignored);
            }
            recipients
        } else {
            Vec::new()
        };
        let arrival = Arrival {
            now_unix_ms: now,
            replayed,
        };
        let outbox = &self.shared.outbox;
        let accepted = self
            .shared
            .kept(|| outbox.accept(&message, &recipients, arrival))
            .await;
        match accepted {
            Some(Accepted::New) => {
                count(&self.counts.taken);
                if replayed {
                    count(&self.counts.replayed);
                }
            }
            Some(Accepted::Known) => count(&self.counts.known),
            None => {}
        }
    }

    fn is_own(&self, message: &Message) -> bool {
        let id = message.author.id.as_ref();
        id.is_some_and(|id| self.own.contains(id))
    }

    /// Nothing where the message is an echo of what was told; the first of a link is named.
    fn not_echoed(
        &self,
        room: &Room,
        message: &Message,
        recipients: Vec<Recipient>,
        now_unix_ms: i64,
    ) -> Option<Vec<Recipient>> {
        let Some((link, echoes)) = self.shared.echo(room, message, now_unix_ms) else {
            return Some(recipients);
        };
        count(&self.counts.echoes);
        if echoes == 1 {
            tracing::warn!(
                side = %self.side, room = %room.room, %link,
                "somebody repeats here what was told in this link, probably another bridge; it is not told again"
            );
        }
        None
    }
}

/// No single message may fill the store.
fn bound(message: &mut Message) {
    cut(&mut message.text, TEXT_BYTES_MAX);
    let author = &mut message.author;
    cut(&mut author.name, NAME_BYTES_MAX);
    // Half of an id or of an address is another one.
    for id in [&mut author.id, &mut author.network, &mut message.reply_to] {
        id.take_if(|id| id.len() > NAME_BYTES_MAX);
    }
    author.avatar.take_if(|url| url.len() > URL_BYTES_MAX);
    message.files.retain(|file| file.url.len() <= URL_BYTES_MAX);
    message.files.truncate(FILES_MAX);
    for file in &mut message.files {
        cut(&mut file.name, NAME_BYTES_MAX);
        cut(&mut file.comment, TEXT_BYTES_MAX / FILES_MAX);
    }
}

fn cut(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push('…');
    }
}

/// The longest text that is kept. What a side is told is shorter by far.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// The longest name of an author or a file that is kept, and the longest id of one.
const NAME_BYTES_MAX: usize = 1024;

/// The longest address of a file; a longer one leads nowhere when it is cut.
const URL_BYTES_MAX: usize = 8 * 1024;

/// Files of one message that are kept.
const FILES_MAX: usize = 32;

#[cfg(test)]
mod tests;
